import { type Answer, answerOf, classVerdicts } from "./answer.ts";
import { DecisionInputs } from "./decision-inputs.ts";
import { decisionId } from "./decision.ts";
import { type Engine, engineOf } from "./engine.ts";
import type { PolicySet } from "./policy-set.ts";

/** What an audit event says of a decision: enough to make it again. */
export interface RecordedDecision {
  readonly id: string;
  readonly outcome: "success" | "denied" | "failure";
  readonly purpose?: string | undefined;
  readonly patient?: string | undefined;
  readonly actor: { readonly roles: readonly string[] };
  readonly decision: {
    readonly id: string;
    readonly version: string;
    readonly rules: readonly string[];
    readonly inputs?: unknown;
  };
}

/**
 * `inputs`: they do not parse, or are not what the event says of role and purpose. `answer`: the same policies answer
 * otherwise. `served`: policy refused, and the event tells of a success.
 */
export interface ReplayFinding {
  readonly event: string;
  readonly kind: "inputs" | "answer" | "served";
}

/** One answer that other policies would give otherwise, over all events that it concerns. */
export interface Flip {
  readonly roles: string;
  readonly action: string;
  /** Empty for an act of the clinic or the platform. */
  readonly class: string;
  readonly purpose: string;
  readonly from: "permit" | "refuse";
  readonly to: "permit" | "refuse";
  readonly decisions: number;
  readonly patients: number;
}

export interface ReplayReport {
  readonly decisions: number;
  readonly equal: number;
  readonly different: number;
  /** The first of those that differ. */
  readonly findings: readonly ReplayFinding[];
  /** Events about which no policy was asked, such as a sign-in. */
  readonly notAsked: number;
  /** Decisions of policies whose text is not at hand, by version. */
  readonly unknown: readonly { readonly version: string; readonly decisions: number }[];
  readonly flips: readonly Flip[];
}

export interface ReplayOptions {
  /** The policies of a version; undefined where their text is not at hand. */
  readonly policiesOf: (version: string) => Promise<PolicySet | undefined>;
  /** Other policies: what they would answer otherwise is listed. */
  readonly against?: PolicySet;
  readonly findingsMax?: number;
}

interface Expected {
  readonly id: string;
  readonly answer: Answer;
  readonly inputs: DecisionInputs;
  readonly flips: readonly FlipKey[];
}
type FlipKey = Omit<Flip, "decisions" | "patients">;

const EXPECTED_MAX = 8192;

const textOf = (rules: readonly string[]): string => rules.toSorted().join(" ");

/** What two engines say to the same inputs, where they part. */
function flipsOf(inputs: DecisionInputs, before: Engine, after: Engine): FlipKey[] {
  if (inputs.ask === "none") return [];
  const common = { roles: inputs.roles.join("+"), purpose: inputs.ask === "platform" ? "HOPERAT" : inputs.purpose };
  const said = (allowed: boolean) => (allowed ? ("permit" as const) : ("refuse" as const));
  if (inputs.ask !== "records") {
    const [from, to] = [before, after].map((engine) => said(answerOf(inputs, engine).outcome === "permit"));
    return from === undefined || to === undefined || from === to
      ? []
      : [{ ...common, action: inputs.action, class: "", from, to }];
  }
  const [old, other] = [classVerdicts(inputs, before), classVerdicts(inputs, after)];
  const flips = old.flatMap((verdict, at) => {
    const allowed = other[at]?.allowed === true;
    if (verdict.allowed === allowed) return [];
    return [
      { ...common, action: verdict.action, class: verdict.class, from: said(verdict.allowed), to: said(allowed) },
    ];
  });
  return [...new Map(flips.map((flip) => [JSON.stringify(flip), flip])).values()];
}

/** The event's own words on role and purpose are those that policy was asked with. */
function isOfEvent({ actor, purpose }: RecordedDecision, inputs: DecisionInputs): boolean {
  if (inputs.ask === "none") return true;
  if (textOf([...new Set(actor.roles)]) !== textOf(inputs.roles)) return false;
  return inputs.ask === "platform" || inputs.purpose === purpose;
}

/** Engines by version, made when first met. */
function enginesBy(policiesOf: ReplayOptions["policiesOf"]) {
  const known = new Map<string, Engine | undefined>();
  return async (version: string): Promise<Engine | undefined> => {
    if (!known.has(version)) {
      const policies = await policiesOf(version);
      // A text that is filed under another version's name decides nothing.
      known.set(version, policies?.version === version ? engineOf(policies) : undefined);
    }
    return known.get(version);
  };
}

/** Counts answers that would flip, and of how many patients. */
function createTally() {
  const counts = new Map<string, { readonly flip: FlipKey; decisions: number; readonly patients: Set<string> }>();
  return {
    add(flip: FlipKey, patient: string | undefined): void {
      const key = JSON.stringify(flip);
      const count = counts.get(key) ?? { flip, decisions: 0, patients: new Set<string>() };
      count.decisions += 1;
      if (patient !== undefined) count.patients.add(patient);
      counts.set(key, count);
    },
    list: (): Flip[] =>
      [...counts.entries()]
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { flip, decisions, patients }]) => ({ ...flip, decisions, patients: patients.size })),
  };
}

/**
 * Makes recorded decisions again, from nothing but what their events recorded and the policies of their time. Streams:
 * of the events only what differs is kept, and with `against` the patients of what would flip.
 */
export async function replay(
  events: AsyncIterable<RecordedDecision> | Iterable<RecordedDecision>,
  { policiesOf, against, findingsMax = 100 }: ReplayOptions,
): Promise<ReplayReport> {
  const engineBy = enginesBy(policiesOf);
  const other = against === undefined ? undefined : engineOf(against);
  const expected = new Map<string, Expected | undefined>();
  const unknown = new Map<string, number>();
  const findings: ReplayFinding[] = [];
  const tally = createTally();
  let decisions = 0;
  let different = 0;
  let notAsked = 0;

  function expect(version: string, inputs: unknown, engine: Engine): Expected | undefined {
    const key = `${version} ${JSON.stringify(inputs)}`;
    if (expected.has(key)) return expected.get(key);
    const parsed = DecisionInputs.safeParse(inputs);
    let made: Expected | undefined;
    if (parsed.success) {
      const answer = answerOf(parsed.data, engine);
      const flips = other === undefined ? [] : flipsOf(parsed.data, engine, other);
      made = { id: decisionId(version, parsed.data, answer), answer, inputs: parsed.data, flips };
    }
    if (expected.size >= EXPECTED_MAX) expected.clear();
    expected.set(key, made);
    return made;
  }

  function judge(event: RecordedDecision, made: Expected | undefined): ReplayFinding["kind"] | undefined {
    if (made === undefined || !isOfEvent(event, made.inputs)) return "inputs";
    const { decision, outcome } = event;
    if (decision.id !== made.id || textOf(decision.rules) !== textOf(made.answer.ruleIds)) return "answer";
    return outcome === "success" && made.answer.outcome !== "permit" ? "served" : undefined;
  }

  for await (const event of events) {
    const { version, inputs } = event.decision;
    if (isNotAsked(inputs)) {
      notAsked += 1;
      continue;
    }
    decisions += 1;
    const engine = await engineBy(version);
    if (engine === undefined) {
      unknown.set(version, (unknown.get(version) ?? 0) + 1);
      continue;
    }
    const made = expect(version, inputs, engine);
    const kind = judge(event, made);
    if (kind !== undefined) {
      different += 1;
      if (findings.length < findingsMax) findings.push({ event: event.id, kind });
      continue;
    }
    for (const flip of made?.flips ?? []) tally.add(flip, event.patient);
  }
  const lost = [...unknown.values()].reduce((sum, count) => sum + count, 0);
  return {
    decisions,
    equal: decisions - different - lost,
    different,
    findings,
    notAsked,
    unknown: [...unknown].map(([version, count]) => ({ version, decisions: count })),
    flips: tally.list(),
  };
}

const isNotAsked = (inputs: unknown): boolean =>
  typeof inputs === "object" && inputs !== null && "ask" in inputs && inputs.ask === "none";
