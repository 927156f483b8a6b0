import { createHash } from "node:crypto";
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { invariant } from "../kernel/invariant.ts";
import type { ClassConsent } from "./circumstances.ts";
import type { Standing } from "./decision-inputs.ts";
import type { Purpose } from "./grant.ts";
import type { PolicySet } from "./policy-set.ts";
import { currentPolicies } from "./version.ts";

/**
 * One thing asked of Cedar, whole: the engine knows nothing that is not in here, so that a question's text is a safe name
 * for its answer. Tenants and patients come as what they are to the member, never as ids.
 */
export interface Question {
  readonly roles: readonly string[];
  readonly assurance: "aal1" | "aal2" | "client";
  readonly action: string;
  readonly purpose: Purpose;
  readonly resource:
    | {
        readonly kind: "records";
        readonly isForeign: boolean;
        readonly class: string;
        readonly type: string;
        readonly patient: Standing;
      }
    | { readonly kind: "clinic"; readonly isForeign: boolean; readonly patient: Standing }
    | { readonly kind: "platform" };
  readonly circumstance: {
    readonly scoped: boolean;
    readonly steppedUp: boolean;
    readonly officer: boolean;
    readonly gated?: true;
    /** Of the class asked for. */
    readonly consent: ClassConsent;
    readonly relationship: "open" | "present" | "absent";
    readonly hold: "none" | "frozen" | "restricted";
    readonly emergency: boolean;
    readonly delegation?: { readonly purposes: readonly Purpose[] };
  };
}

export interface Verdict {
  readonly allowed: boolean;
  /** The `@id` of each rule that decided; empty where no rule permits. */
  readonly ruleIds: readonly string[];
}

export interface Engine {
  readonly policies: PolicySet;
  /** Asks Cedar. What cannot be evaluated is refused: an error in any policy is never an allow. */
  decide(question: Question): Verdict;
}

const REMEMBERED_MAX = 8192;
/** Cedar keeps what it has parsed under a name for the life of the process. Schemas by their text: sets share one. */
const parsed = new Set<string>();
const schemas = new Map<string, string>();

/** The name of a parsed schema; undefined where Cedar cannot read it. */
function parseSchema(schema: string): string | undefined {
  const known = schemas.get(schema);
  if (known !== undefined) return known;
  const name = createHash("sha256").update(schema).digest("hex");
  if (preparseSchema(name, schema).type !== "success") return undefined;
  schemas.set(schema, name);
  return name;
}

function parse({ version, policies }: PolicySet): boolean {
  if (parsed.has(version)) return true;
  if (preparsePolicySet(version, { staticPolicies: { ...policies } }).type !== "success") return false;
  parsed.add(version);
  return true;
}

const MEMBER = { type: "Keyward::Member", id: "principal" };
const RESOURCE_TYPES = {
  records: "Keyward::Records",
  clinic: "Keyward::Clinic",
  platform: "Keyward::Platform",
} as const;

function attributesOf(resource: Question["resource"]) {
  if (resource.kind === "platform") return {};
  const tenant = resource.isForeign ? "other" : "own";
  if (resource.kind === "clinic") return { tenant, patient: resource.patient };
  return { tenant, class: resource.class, type: resource.type, patient: resource.patient };
}

function ask(version: string, schemaName: string, question: Question): Verdict {
  const { circumstance } = question;
  const resource = { type: RESOURCE_TYPES[question.resource.kind], id: "resource" };
  const answer = statefulIsAuthorized({
    principal: MEMBER,
    action: { type: "Keyward::Action", id: question.action },
    resource,
    context: {
      purpose: question.purpose,
      scoped: circumstance.scoped,
      steppedUp: circumstance.steppedUp,
      officer: circumstance.officer,
      consent: circumstance.consent,
      relationship: circumstance.relationship,
      hold: circumstance.hold,
      emergency: circumstance.emergency,
      ...(circumstance.gated === true ? { gated: true } : {}),
      ...(circumstance.delegation === undefined
        ? {}
        : { delegation: { purposes: [...circumstance.delegation.purposes] } }),
    },
    preparsedSchemaName: schemaName,
    validateRequest: true,
    preparsedPolicySetId: version,
    entities: [
      {
        uid: MEMBER,
        attrs: { tenant: "own", assurance: question.assurance },
        parents: question.roles.map((id) => ({ type: "Keyward::Role", id })),
      },
      { uid: resource, attrs: attributesOf(question.resource), parents: [] },
    ],
  });
  if (answer.type === "failure" || answer.response.diagnostics.errors.length > 0) {
    return { allowed: false, ruleIds: ["policy-error"] };
  }
  return { allowed: answer.response.decision === "allow", ruleIds: answer.response.diagnostics.reason.toSorted() };
}

/** Stands for every type that no rule names: no rule can tell them apart. */
const UNNAMED = "Unnamed";

/**
 * A question in the words that the set's rules know. A chart of forty types asks the same question forty times, and Cedar
 * needs to hear it once.
 */
function inWordsOf({ policies }: PolicySet): (question: Question) => Question {
  const texts = Object.values(policies);
  // A pattern could tell types apart without naming them.
  if (texts.some((text) => /\blike\b/.test(text))) return (question) => question;
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/"([A-Za-z]+)"/g)].map(([, word = ""]) => word)));
  return (question) => {
    const { resource } = question;
    if (resource.kind !== "records" || named.has(resource.type)) return question;
    return { ...question, resource: { ...resource, type: UNNAMED } };
  };
}

/**
 * An engine for one set of policies, beside any other; undefined where Cedar cannot read the set. Answers are remembered
 * under the whole text of their question, for at most `rememberedMax` questions.
 */
export function createEngine(policies: PolicySet, rememberedMax = REMEMBERED_MAX): Engine | undefined {
  const schemaName = parseSchema(policies.schema);
  if (schemaName === undefined || !parse(policies)) return undefined;
  const remembered = new Map<string, Verdict>();
  const inWords = inWordsOf(policies);
  return {
    policies,
    decide(asked) {
      const question = inWords(asked);
      const key = JSON.stringify(question);
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const verdict = ask(policies.version, schemaName, question);
      if (remembered.size >= rememberedMax) remembered.clear();
      remembered.set(key, verdict);
      return verdict;
    },
  };
}

const shared = new Map<string, Engine>();
const SHARED_MAX = 16;

/** The one engine of a set, for whoever goes through many decisions; undefined where Cedar cannot read the set. */
export function engineOf(policies: PolicySet): Engine | undefined {
  const known = shared.get(policies.version);
  if (known !== undefined) return known;
  const engine = createEngine(policies);
  if (engine === undefined) return undefined;
  if (shared.size >= SHARED_MAX) shared.clear();
  shared.set(policies.version, engine);
  return engine;
}

/** The engine of the policies that this build carries, parsed at the first question. */
export function currentEngine(): Engine {
  const engine = engineOf(currentPolicies);
  invariant(engine !== undefined, "the committed policies parse");
  return engine;
}
