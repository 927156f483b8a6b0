/** What went wrong, in words of the contract. Nothing in it was typed by anybody: it may be shown and counted. */

export const PROBLEM_KINDS = [
  "offline",
  "unavailable",
  "throttled",
  "signed-out",
  "session-changed",
  "step-up",
  "forbidden",
  "not-found",
  "deleted",
  "version-conflict",
  "conflict",
  "duplicate",
  "locked",
  "invalid",
  "business-rule",
  "precondition",
  "too-long",
  "not-supported",
  "exception",
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

export interface ProblemIssue {
  /** Dotted path in the body that was sent, where it is known. */
  readonly field?: string;
  /** The rule that was broken. */
  readonly code: string;
  /** The server's own English sentence, where it sent one. Screens show `issueText`. */
  readonly text: string;
}

/** Where in a file that was sent something is wrong, and what: a code, never the text that stands there. */
export interface FilePlace {
  readonly line: number;
  readonly column: string | null;
  readonly what: string;
}

interface ProblemInit {
  readonly kind: ProblemKind;
  readonly status: number;
  readonly issues?: readonly ProblemIssue[];
  readonly rule?: string | undefined;
  readonly title?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string;
  readonly place?: FilePlace | undefined;
}

export class Problem extends Error {
  readonly kind: ProblemKind;
  /** Zero where no answer came. */
  readonly status: number;
  readonly issues: readonly ProblemIssue[];
  readonly rule: string | undefined;
  /** The server's English sentence, for what has no words here. */
  readonly title: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string;
  readonly place: FilePlace | undefined;

  constructor(init: ProblemInit) {
    super(init.kind);
    this.name = "Problem";
    this.kind = init.kind;
    this.status = init.status;
    this.issues = init.issues ?? [];
    this.rule = init.rule;
    this.title = init.title;
    this.retryAfterMs = init.retryAfterMs;
    this.requestId = init.requestId ?? "";
    this.place = init.place;
  }

  /** True where the same request succeeds after both factors were shown again. */
  get stepUp(): boolean {
    return this.kind === "step-up";
  }

  /** True where nothing is known to be wrong with the request: the same may be sent again. */
  get isTransient(): boolean {
    return this.kind === "offline" || this.kind === "unavailable" || this.kind === "throttled";
  }
}

/** Rules that decide the kind by themselves, whatever the status. */
const KINDS_BY_RULE: Readonly<Record<string, ProblemKind>> = {
  "session-changed": "session-changed",
  "step-up": "step-up",
};

const KINDS_BY_STATUS: Readonly<Record<number, ProblemKind>> = {
  400: "invalid",
  401: "signed-out",
  403: "forbidden",
  404: "not-found",
  405: "not-supported",
  406: "not-supported",
  409: "conflict",
  410: "deleted",
  413: "too-long",
  415: "not-supported",
  423: "locked",
  428: "precondition",
  429: "throttled",
  500: "exception",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

function kindOf(status: number, code: string | undefined, rule: string | undefined): ProblemKind {
  const byRule = rule === undefined ? undefined : KINDS_BY_RULE[rule];
  if (byRule !== undefined) return byRule;
  if (status === 412) return code === "duplicate" ? "duplicate" : "version-conflict";
  if (status === 422)
    return code === "business-rule" ? "business-rule" : code === "duplicate" ? "duplicate" : "invalid";
  return KINDS_BY_STATUS[status] ?? (status >= 500 ? "exception" : "invalid");
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** `Patient.name[0].family` and `name.0.family` are the same place. */
const pathOf = (path: string): string => path.replaceAll(/\[(\d+)\]/g, ".$1").replace(/^[A-Z][A-Za-z]+\./, "");

interface Read {
  readonly code: string | undefined;
  readonly rule: string | undefined;
  readonly title: string | undefined;
  readonly issues: readonly ProblemIssue[];
}

/** RFC 9457 problem details as the zones of the portal answer them. */
function readDetails(body: Json): Read {
  const issues = listOf(body["fields"]).map(({ path, rule }) => {
    const field = pathOf(textOf(path) ?? "");
    return { ...(field !== "" && { field }), code: textOf(rule) ?? "invalid", text: "" };
  });
  return { code: textOf(body["code"]), rule: textOf(body["rule"]), title: textOf(body["title"]), issues };
}

/** Of a bill that cannot be read: the place stands beside the rule. */
function placeOf(body: unknown): FilePlace | undefined {
  const bill = isObject(body) && isObject(body["bill"]) ? body["bill"] : {};
  const { line, column, what } = bill;
  if (typeof line !== "number" || typeof what !== "string") return undefined;
  return { line, column: textOf(column) ?? null, what };
}

/** FHIR R4 operationoutcome.html: what the FHIR zone answers. */
function readOutcome(body: Json): Read {
  const issues = listOf(body["issue"]).map((issue) => {
    const details = isObject(issue["details"]) ? issue["details"] : {};
    const rule = textOf(listOf(details["coding"])[0]?.["code"]);
    const [expression] = Array.isArray(issue["expression"]) ? (issue["expression"] as unknown[]) : [];
    const field = pathOf(textOf(expression) ?? "");
    return {
      code: textOf(issue["code"]),
      rule,
      text: textOf(issue["diagnostics"]) ?? "",
      ...(field !== "" && { field }),
    };
  });
  const [first] = issues;
  const named = issues.filter(({ field }) => field !== undefined);
  return {
    code: first?.code,
    rule: first?.rule,
    title: first?.text,
    issues: named.map(({ field = "", rule, code, text }) => ({ field, code: rule ?? code ?? "invalid", text })),
  };
}

/** Seconds of a `Retry-After` header as milliseconds. RFC 9110 10.2.3; a date in it is not waited for. */
const retryAfterOf = (header: string | null): number | undefined =>
  header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;

/**
 * The problem that an answer tells of.
 * @param body The parsed body, or undefined where it was no JSON.
 */
export function problemOf(status: number, headers: Pick<Headers, "get">, body: unknown): Problem {
  const read = isObject(body)
    ? body["resourceType"] === "OperationOutcome"
      ? readOutcome(body)
      : readDetails(body)
    : { code: undefined, rule: undefined, title: undefined, issues: [] };
  return new Problem({
    kind: kindOf(status, read.code, read.rule),
    status,
    issues: read.issues,
    rule: read.rule,
    title: read.title,
    retryAfterMs: retryAfterOf(headers.get("retry-after")),
    requestId: headers.get("x-request-id") ?? "",
    place: placeOf(body),
  });
}
