import { err, ok, type Result } from "../../kernel/result.ts";
import { issue, type Rule, type ValidationIssue } from "../issue.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { references } from "../links.ts";
import { type FhirResource, validateResource } from "../validate.ts";
import { type Condition, parseCondition, parseRequestUrl, type RequestTarget } from "./request.ts";

export type BundleMethod = "DELETE" | "POST" | "PUT" | "GET";

/** An entry whose parts fit together: POST to a type, PUT to an instance or condition, and so on. */
export interface BundleEntry {
  /** Its place in the bundle as it came: answers go back in that order. */
  readonly index: number;
  readonly method: BundleMethod;
  readonly target: RequestTarget;
  readonly fullUrl?: string;
  readonly resource?: FhirResource;
  /** The version of `If-Match`. */
  readonly ifMatch?: string;
  readonly ifNoneExist?: Condition;
  /** Conditional references of the resource, by the text that stands in it. */
  readonly conditionalReferences: ReadonlyMap<string, Condition>;
}

export interface RefusedEntry {
  readonly index: number;
  readonly issues: readonly ValidationIssue[];
}

export interface InvalidBundle {
  readonly kind: "structure" | "not-supported" | "too-costly" | "invalid";
  readonly issues: readonly ValidationIssue[];
}

export interface BundleEnvelope {
  readonly type: "transaction" | "batch";
  /** In a transaction none is refused: one bad entry refuses the whole. */
  readonly entries: readonly Result<BundleEntry, RefusedEntry>[];
  /** Searches to answer before the bundle can be planned, each once. */
  readonly conditions: readonly Condition[];
}

export interface BundleOptions {
  /** This server's FHIR base with a slash at its end. */
  readonly base?: string;
  readonly maxEntries?: number;
}

const MAX_ENTRIES = 5_000;
const MAX_ISSUES = 50;
const BUNDLE_KEYS = new Set([
  "resourceType",
  "id",
  "meta",
  "implicitRules",
  "language",
  "identifier",
  "type",
  "timestamp",
  "total",
  "link",
  "entry",
  "signature",
]);
const ENTRY_KEYS = new Set([
  "id",
  "extension",
  "modifierExtension",
  "link",
  "fullUrl",
  "resource",
  "search",
  "request",
  "response",
]);
const REQUEST_KEYS = new Set([
  "id",
  "extension",
  "modifierExtension",
  "method",
  "url",
  "ifNoneMatch",
  "ifModifiedSince",
  "ifMatch",
  "ifNoneExist",
]);

const hasOnly = (value: JsonObject, keys: ReadonlySet<string>): boolean =>
  Object.keys(value).every((key) => keys.has(key.replace(/^_/, "")));

/** What each method may address, and whether a resource comes with it. FHIR R4 http.html#transaction. */
const METHODS: Readonly<
  Record<BundleMethod, { readonly targets: readonly RequestTarget["kind"][]; readonly hasResource: boolean }>
> = {
  DELETE: { targets: ["instance", "search"], hasResource: false },
  POST: { targets: ["type"], hasResource: true },
  PUT: { targets: ["instance", "search"], hasResource: true },
  GET: { targets: ["instance", "version", "history", "search", "type"], hasResource: false },
};

/** Reads one entry, collecting what is wrong with it. */
class EntryReader {
  readonly issues: ValidationIssue[] = [];
  private readonly path: string;
  private readonly index: number;
  private readonly base: string | undefined;

  constructor(index: number, base: string | undefined) {
    this.index = index;
    this.path = `Bundle.entry[${index}]`;
    this.base = base;
  }

  private report(part: string, rule: Rule): undefined {
    this.issues.push(issue(`${this.path}${part}`, rule));
    return undefined;
  }

  read(value: unknown): BundleEntry | undefined {
    if (!isJsonObject(value)) return this.report("", "json-type");
    if (!hasOnly(value, ENTRY_KEYS)) this.report("", "unknown-property");
    const { fullUrl, request } = value;
    if (!isJsonObject(request)) return this.report(".request", "required");
    if (!hasOnly(request, REQUEST_KEYS)) this.report(".request", "unknown-property");
    const method = this.method(request["method"]);
    const target = this.target(request["url"]);
    const resource = value["resource"] === undefined ? undefined : this.resource(value["resource"]);
    if (method === undefined || target === undefined || this.issues.length > 0) return undefined;
    const { targets, hasResource } = METHODS[method];
    if (!targets.includes(target.kind)) return this.report(".request.url", "bundle-request");
    if (hasResource !== (resource !== undefined)) return this.report(".resource", "bundle-resource");
    if (resource && !this.isOfTarget(resource, target)) return this.report(".resource", "bundle-id");
    const ifMatch = this.ifMatch(request["ifMatch"]);
    const ifNoneExist = method === "POST" ? this.ifNoneExist(request["ifNoneExist"], target) : undefined;
    return {
      index: this.index,
      method,
      target,
      conditionalReferences: resource ? this.conditionalReferences(resource) : new Map(),
      ...(this.isFullUrl(fullUrl) ? { fullUrl } : {}),
      ...(resource ? { resource } : {}),
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifNoneExist ? { ifNoneExist } : {}),
    };
  }

  private method(method: unknown): BundleMethod | undefined {
    if (method === "DELETE" || method === "POST" || method === "PUT" || method === "GET") return method;
    return this.report(".request.method", method === undefined ? "required" : "bundle-method");
  }

  private target(url: unknown): RequestTarget | undefined {
    if (typeof url !== "string") return this.report(".request.url", "required");
    const target = parseRequestUrl(url, this.base);
    if (target.ok) return target.value ?? this.report(".request.url", "bundle-request");
    this.issues.push(...target.error);
    return undefined;
  }

  private resource(value: unknown): FhirResource | undefined {
    const resource = validateResource(value);
    if (resource.ok) return resource.value;
    for (const found of resource.error.issues) {
      this.issues.push({ ...found, path: `${this.path}.resource${found.path.replace(/^[A-Za-z]+/, "")}` });
    }
    return undefined;
  }

  private isOfTarget(resource: FhirResource, target: RequestTarget): boolean {
    const isId = target.kind !== "instance" || resource.id === target.id;
    return resource.resourceType === target.type && isId;
  }

  private isFullUrl(fullUrl: unknown): fullUrl is string {
    if (fullUrl === undefined) return false;
    if (typeof fullUrl !== "string" || !/^(?:urn:(?:uuid|oid):|https?:\/\/)\S+$/.test(fullUrl))
      this.report(".fullUrl", "format");
    else if (fullUrl.includes("/_history/")) this.report(".fullUrl", "bdl-8");
    else return true;
    return false;
  }

  /** `W/"3"`: FHIR R4 http.html#concurrency. */
  private ifMatch(text: unknown): string | undefined {
    if (text === undefined) return undefined;
    const version = typeof text === "string" ? /^(?:W\/)?"([A-Za-z0-9\-.]{1,64})"$/.exec(text)?.[1] : undefined;
    return version ?? this.report(".request.ifMatch", "format");
  }

  private ifNoneExist(text: unknown, { type }: RequestTarget): Condition | undefined {
    if (text === undefined) return undefined;
    const search = typeof text === "string" ? text.replace(/^\?/, "") : "";
    return parseCondition(type, search, this.base) ?? this.report(".request.ifNoneExist", "condition");
  }

  private conditionalReferences(resource: FhirResource): ReadonlyMap<string, Condition> {
    const conditions = new Map<string, Condition>();
    for (const { path, reference, target } of references(resource)) {
      if (target.kind !== "conditional") continue;
      const condition = parseCondition(target.type, target.query, this.base);
      if (condition) conditions.set(reference, condition);
      else this.report(`.resource${path.replace(/^[A-Za-z]+/, "")}`, "condition");
    }
    return conditions;
  }
}

function conditionsOf(entries: readonly Result<BundleEntry, RefusedEntry>[]): Condition[] {
  const conditions = new Map<string, Condition>();
  for (const entry of entries) {
    if (!entry.ok) continue;
    const { method, target, ifNoneExist, conditionalReferences } = entry.value;
    const ofTarget = target.kind === "search" && method !== "GET" ? [target.condition] : [];
    for (const condition of [...ofTarget, ...(ifNoneExist ? [ifNoneExist] : []), ...conditionalReferences.values()]) {
      conditions.set(condition.key, condition);
    }
  }
  return [...conditions.values()];
}

const refuse = (kind: InvalidBundle["kind"], path: string, rule: Rule): Result<never, InvalidBundle> =>
  err({ kind, issues: [issue(path, rule)] });

/**
 * Reads a transaction or batch bundle (FHIR R4 http.html#transaction) and validates every resource in it. A transaction
 * with any bad entry is refused whole; a batch carries its bad entries along, to be answered one by one.
 * The searches in `conditions` have to be answered before `planBundle`.
 */
export function readBundle(value: unknown, options: BundleOptions = {}): Result<BundleEnvelope, InvalidBundle> {
  if (!isJsonObject(value) || value["resourceType"] !== "Bundle") return refuse("structure", "Bundle", "bundle-shape");
  const { type, entry = [] } = value;
  if (type !== "transaction" && type !== "batch") return refuse("not-supported", "Bundle.type", "bundle-type");
  if (!Array.isArray(entry) || !hasOnly(value, BUNDLE_KEYS)) return refuse("structure", "Bundle", "bundle-shape");
  if (entry.length > (options.maxEntries ?? MAX_ENTRIES)) return refuse("too-costly", "Bundle.entry", "bundle-size");
  const entries = (entry as readonly unknown[]).map((item, index): Result<BundleEntry, RefusedEntry> => {
    const reader = new EntryReader(index, options.base);
    const read = reader.read(item);
    return read && reader.issues.length === 0 ? ok(read) : err({ index, issues: reader.issues });
  });
  const refused = entries.flatMap((item) => (item.ok ? [] : item.error.issues));
  if (type === "transaction" && refused.length > 0)
    return err({ kind: "invalid", issues: refused.slice(0, MAX_ISSUES) });
  return ok({ type, entries, conditions: conditionsOf(entries) });
}
