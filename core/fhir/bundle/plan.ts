import { err, ok, type Result } from "../../kernel/result.ts";
import { copyLexemes } from "../decimal.ts";
import { issue, type Rule, type ValidationIssue } from "../issue.ts";
import { references, rewriteReferences } from "../links.ts";
import { isAboutRecords, patientOf } from "../resource-types.ts";
import type { SearchQuery } from "../search/query.ts";
import type { ResourceType } from "../supported-types.ts";
import type { FhirResource } from "../validate.ts";
import type { BundleEntry, BundleEnvelope, RefusedEntry } from "./envelope.ts";
import type { Condition } from "./request.ts";

interface Identified {
  /** Place of the entry in the bundle as it came. */
  readonly index: number;
  readonly type: ResourceType;
  readonly id: string;
}

/** One thing to do. Resources carry their id and refer to what their references stand for. */
export type BundleOperation =
  | ({ readonly kind: "create"; readonly resource: FhirResource } & Identified)
  /** A conditional create that found its resource: nothing to write, `200` with what is there. */
  | ({ readonly kind: "existing" } & Identified)
  | ({ readonly kind: "update"; readonly resource: FhirResource; readonly ifMatch?: string } & Identified)
  | ({ readonly kind: "delete"; readonly ifMatch?: string } & Identified)
  /** A conditional delete that found nothing. */
  | { readonly kind: "nothing"; readonly index: number }
  | ({ readonly kind: "read" | "history" } & Identified)
  | ({ readonly kind: "vread"; readonly version: string } & Identified)
  | { readonly kind: "search"; readonly index: number; readonly type: ResourceType; readonly query: SearchQuery };

export interface BundlePlan {
  readonly type: "transaction" | "batch";
  /** In the order of FHIR R4 http.html#trules: DELETE, POST, PUT, GET. */
  readonly operations: readonly BundleOperation[];
  /** Entries of a batch that are refused; a transaction has none. */
  readonly refused: readonly RefusedEntry[];
}

export interface PlanInput {
  /** The id of a new record, given the patient in whose compartment it will live. */
  readonly assignId: (resource: FhirResource, patientId: string | undefined) => string;
  /** For each condition of the envelope, the ids of all that it matches. */
  readonly matches: ReadonlyMap<string, readonly string[]>;
}

const ORDER: Readonly<Record<BundleEntry["method"], number>> = { DELETE: 0, POST: 1, PUT: 2, GET: 3 };
const MAX_ISSUES = 50;
const RESTFUL = /^(https?:\/\/\S*\/)([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/;

/** The identity of an entry's resource once it is known, or what is wrong. */
type Identity = { readonly id: string; readonly isNew: boolean } | { readonly rule: Rule; readonly part: string };

/** Plans the entries of one transaction, or one entry of a batch: links reach as far as these entries and no further. */
class Planner {
  readonly issues: ValidationIssue[] = [];
  private readonly entries: readonly BundleEntry[];
  private readonly input: PlanInput;
  private readonly ids = new Map<number, { readonly id: string; readonly isNew: boolean }>();
  /** What stands in resources -> the relative reference that it becomes. */
  private readonly links = new Map<string, string>();
  private readonly newConditions = new Set<string>();

  constructor(entries: readonly BundleEntry[], input: PlanInput) {
    this.entries = entries;
    this.input = input;
  }

  private report({ index }: BundleEntry, part: string, rule: Rule): void {
    this.issues.push(issue(`Bundle.entry[${index}]${part}`, rule));
  }

  plan(): BundleOperation[] {
    this.resolveConditionalReferences();
    // New ids carry their patient, so that patients come first, and what is about records last.
    const waves: ((entry: BundleEntry) => boolean)[] = [
      ({ target, method }) => target.type === "Patient" || method === "DELETE" || method === "GET",
      ({ target }) => !isAboutRecords(target.type),
      () => true,
    ];
    let waiting = this.entries;
    for (const isNow of waves) {
      for (const entry of waiting.filter(isNow)) this.identify(entry);
      waiting = waiting.filter((entry) => !isNow(entry));
    }
    this.checkIdentities();
    if (this.issues.length > 0) return [];
    const ordered = this.entries.toSorted((a, b) => ORDER[a.method] - ORDER[b.method]);
    return ordered.map((entry) => this.operation(entry));
  }

  private one(condition: Condition): Result<string | undefined, Rule> {
    const [id, ...others] = this.input.matches.get(condition.key) ?? [];
    return others.length > 0 ? err("condition-several") : ok(id);
  }

  private resolveConditionalReferences(): void {
    for (const entry of this.entries) {
      for (const [text, condition] of entry.conditionalReferences) {
        const found = this.one(condition);
        if (!found.ok) this.report(entry, ".resource", found.error);
        else if (found.value === undefined) this.report(entry, ".resource", "condition-none");
        else this.links.set(text, `${condition.query.type}/${found.value}`);
      }
    }
  }

  private identify(entry: BundleEntry): void {
    const identity = this.identityOf(entry);
    if (identity === undefined) return;
    if ("rule" in identity) {
      this.report(entry, identity.part, identity.rule);
      return;
    }
    this.ids.set(entry.index, identity);
    if (entry.fullUrl === undefined || entry.method === "GET") return;
    if (this.links.has(entry.fullUrl)) this.report(entry, ".fullUrl", "bdl-7");
    this.links.set(entry.fullUrl, `${entry.target.type}/${identity.id}`);
  }

  private identityOf(entry: BundleEntry): Identity | undefined {
    const { target, resource, ifNoneExist } = entry;
    if (target.kind === "instance" || target.kind === "version" || target.kind === "history") {
      return { id: target.id, isNew: false };
    }
    const condition = target.kind === "search" && entry.method !== "GET" ? target.condition : ifNoneExist;
    const found = condition ? this.one(condition) : ok(undefined);
    if (!found.ok) return { rule: found.error, part: ".request" };
    if (found.value !== undefined) return { id: found.value, isNew: false };
    if (!resource) return undefined;
    // Two entries that would each create what neither finds are one resource twice.
    if (condition && this.newConditions.has(condition.key)) return { rule: "bundle-identity", part: ".request" };
    if (condition) this.newConditions.add(condition.key);
    // FHIR R4 http.html#cond-update: "No matches, id provided: The server treats the interaction as an Update as Create".
    if (entry.method === "PUT" && resource.id !== undefined) return { id: resource.id, isNew: true };
    const patient = patientOf(resource, (reference) => this.resolve(reference, entry));
    if (!patient.ok) return { rule: patient.error.rule, part: ".resource" };
    // A new Patient has no compartment before it has its own id.
    const home = resource.resourceType === "Patient" ? undefined : patient.value;
    return { id: this.input.assignId(resource, home), isNew: true };
  }

  /** FHIR R4 bundle.html#references: by fullUrl, a relative one against the base of its own entry's fullUrl. */
  private resolve(reference: string, { fullUrl }: BundleEntry): string | undefined {
    const [, base] = fullUrl === undefined ? [] : (RESTFUL.exec(fullUrl) ?? []);
    return this.links.get(reference) ?? (base === undefined ? undefined : this.links.get(base + reference));
  }

  /** "If any resource identities [...] overlap in steps 1-3, then the transaction SHALL fail." */
  private checkIdentities(): void {
    const seen = new Set<string>();
    for (const entry of this.entries) {
      const identity = this.ids.get(entry.index);
      if (!identity || entry.method === "GET") continue;
      const key = `${entry.target.type}/${identity.id}`;
      if (seen.has(key) && !this.isExisting(entry, identity)) this.report(entry, "", "bundle-identity");
      seen.add(key);
    }
  }

  private isExisting(entry: BundleEntry, identity: { readonly isNew: boolean }): boolean {
    return entry.method === "POST" && !identity.isNew;
  }

  private operation(entry: BundleEntry): BundleOperation {
    const { index, method, target, resource, ifMatch } = entry;
    const { type } = target;
    const identity = this.ids.get(index);
    if (method === "GET" && (target.kind === "search" || target.kind === "type")) {
      const query = target.kind === "search" ? target.condition.query : everything(type);
      return { kind: "search", index, type, query };
    }
    if (!identity) return { kind: "nothing", index };
    const { id, isNew } = identity;
    const guard = ifMatch === undefined ? {} : { ifMatch };
    if (method === "GET") return this.readOperation(entry, id);
    if (method === "DELETE") return { kind: "delete", index, type, id, ...guard };
    if (!resource || (method === "POST" && !isNew)) return { kind: "existing", index, type, id };
    const written = this.rewrite(entry, resource, id);
    if (method === "POST") return { kind: "create", index, type, id, resource: written };
    return { kind: "update", index, type, id, resource: written, ...guard };
  }

  private readOperation({ index, target }: BundleEntry, id: string): BundleOperation {
    const { type } = target;
    if (target.kind === "version") return { kind: "vread", index, type, id, version: target.version };
    return { kind: target.kind === "history" ? "history" : "read", index, type, id };
  }

  private rewrite(entry: BundleEntry, resource: FhirResource, id: string): FhirResource {
    const rewritten = rewriteReferences(resource, (link) => this.resolve(link, entry));
    for (const { path, target } of references(rewritten)) {
      if (target.kind === "urn") this.report(entry, `.resource${path.replace(/^[A-Za-z]+/, "")}`, "bundle-reference");
    }
    return rewritten.id === id ? rewritten : copyLexemes(rewritten, { ...rewritten, id });
  }
}

const everything = (type: ResourceType): SearchQuery => ({
  type,
  criteria: [],
  sort: [],
  includes: [],
  revIncludes: [],
});

function planTransaction(
  entries: readonly BundleEntry[],
  input: PlanInput,
): Result<BundlePlan, readonly ValidationIssue[]> {
  const planner = new Planner(entries, input);
  const operations = planner.plan();
  if (planner.issues.length > 0) return err(planner.issues.slice(0, MAX_ISSUES));
  return ok({ type: "transaction", operations, refused: [] });
}

/** "References within a Bundle.entry.resource to another [...] being created within the batch are considered to be non-conformant." */
function planBatch(envelope: BundleEnvelope, input: PlanInput): BundlePlan {
  const refused: RefusedEntry[] = [];
  const operations: { readonly order: number; readonly operation: BundleOperation }[] = [];
  for (const entry of envelope.entries) {
    if (!entry.ok) {
      refused.push(entry.error);
      continue;
    }
    const planner = new Planner([entry.value], input);
    const [operation] = planner.plan();
    if (planner.issues.length > 0) refused.push({ index: entry.value.index, issues: planner.issues });
    else if (operation) operations.push({ order: ORDER[entry.value.method], operation });
  }
  const sorted = operations.toSorted((a, b) => a.order - b.order).map(({ operation }) => operation);
  return { type: "batch", operations: sorted, refused };
}

/**
 * Plans a bundle: assigns ids, resolves conditions and links, orders, and finds what overlaps. Pure: nothing is read or
 * written, and the same input gives the same plan. A transaction fails with its issues; a batch never fails whole.
 */
export function planBundle(envelope: BundleEnvelope, input: PlanInput): Result<BundlePlan, readonly ValidationIssue[]> {
  if (envelope.type === "batch") return ok(planBatch(envelope, input));
  return planTransaction(
    envelope.entries.flatMap((entry) => (entry.ok ? [entry.value] : [])),
    input,
  );
}
