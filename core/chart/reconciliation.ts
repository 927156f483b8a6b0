import type { ListName, Move, Reconcile, Reconciled } from "../contract/chart.ts";
import type { FhirResource, JsonObject } from "../fhir/index.ts";
import { invariant } from "../kernel/invariant.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { allergyIssues, newAllergy } from "./allergies.ts";
import { referenceTo } from "./author.ts";
import { endedBy, medicationRecord, moved, noneKnownEntry, recordedBy, seenAllergies } from "./change-lists.ts";
import { type ChartDesk, commit, type Done, type Entry, instantOf, once, recordsOf } from "./desk.ts";
import { listOf, textOf } from "./elements.ts";
import { type ChartFailure, fieldFailure, type FieldIssue, type FieldRule } from "./failure.ts";
import { LIST_TYPES, versionOf } from "./lists.ts";
import { medicationIssues, withDosage } from "./medications.ts";
import { newProblem, problemIssues } from "./problems.ts";
import { isActiveState, ruleOf, stateOf } from "./states.ts";

type Reconcilable = Reconcile["list"];

/** What a Provenance says was done. SNOMED CT has a procedure for medications alone. */
const ACTIVITY = "urn:keyward:reconciliation";
const SNOMED_MEDICATION_RECONCILIATION = {
  system: "http://snomed.info/sct",
  code: "430193006",
  display: "Medication reconciliation",
};
const STOPS: Readonly<Record<Reconcilable, Move>> = {
  problems: "resolve",
  allergies: "inactivate",
  medications: "stop",
};

/** Newest of a chart, for a list: who reconciled it, when, and with whose word. */
export function reconciledOf(list: ListName, records: readonly JsonObject[]): Reconciled | undefined {
  const [newest] = records
    .filter(
      (record) =>
        record["resourceType"] === "Provenance" &&
        listOf((record["activity"] as JsonObject | undefined)?.["coding"]).some(
          ({ system, code }) => system === ACTIVITY && code === list,
        ),
    )
    .toSorted((left, right) => (String(left["recorded"]) < String(right["recorded"]) ? 1 : -1));
  if (newest === undefined) return undefined;
  const [agent] = listOf(newest["agent"]);
  const by = textOf(listOf(agent?.["who"])[0]?.["display"]);
  const at = textOf(newest["recorded"]);
  const [what] = listOf(listOf(newest["entity"])[0]?.["what"]);
  const reference = textOf(what?.["reference"]) ?? "";
  const source = reference.startsWith("DocumentReference/")
    ? "document"
    : reference.startsWith("Patient/")
      ? "patient"
      : "caregiver";
  return { source, ...(by !== undefined && { by }), ...(at !== undefined && { at }) };
}

function sourceOf({ patientId }: ChartDesk, { source }: Reconcile): JsonObject {
  switch (source.kind) {
    case "patient":
      return { reference: `Patient/${patientId}` };
    case "caregiver":
      return { display: source.who ?? "Caregiver" };
    case "document":
      return { reference: `DocumentReference/${source.id}` };
  }
}

/** FHIR R4 provenance.html: who looked at all of this together, when, and by what. */
function provenanceOf(desk: ChartDesk, request: Reconcile, targets: readonly string[]): JsonObject {
  const { list } = request;
  return {
    resourceType: "Provenance",
    target: [`Patient/${desk.patientId}`, ...targets].map((reference) => ({ reference })),
    recorded: instantOf(desk),
    activity: {
      coding: [{ system: ACTIVITY, code: list }, ...(list === "medications" ? [SNOMED_MEDICATION_RECONCILIATION] : [])],
      text: `Reconciliation of ${list}`,
    },
    agent: [{ who: referenceTo(desk.author) }],
    entity: [{ role: "source", what: sourceOf(desk, request) }],
  };
}

/** What is said of each active item: each once, each at the version that is there. */
function decidedOn(
  request: Reconcile,
  active: readonly FhirResource[],
): Result<ReadonlyMap<string, Reconcile["decisions"][number]>, ChartFailure> {
  const issues: FieldIssue[] = [];
  const byId = new Map(active.map((record) => [record.id ?? "", record]));
  const decisions = new Map<string, Reconcile["decisions"][number]>();
  request.decisions.forEach((decision, index) => {
    const record = byId.get(decision.id);
    const tell = (rule: FieldRule) => issues.push({ path: `decisions.${index}`, rule });
    if (record === undefined || decisions.has(decision.id)) tell("reconcile-unknown");
    else if (versionOf(record) !== decision.version) tell("reconcile-changed");
    else if (decision.decision === "change" && request.list !== "medications") tell("reconcile-dosage");
    decisions.set(decision.id, decision);
  });
  if (active.some(({ id = "" }) => !decisions.has(id))) issues.push({ path: "decisions", rule: "reconcile-missing" });
  return issues.length === 0 ? ok(decisions) : err({ kind: "fields", issues });
}

/** What the request adds, for its own list alone. */
function additions(desk: ChartDesk, request: Reconcile): Result<readonly JsonObject[], ChartFailure> {
  const lists = ["problems", "allergies", "medications"] as const;
  const other = lists.find((list) => list !== request.list && request[list].length > 0);
  if (other !== undefined) return err(fieldFailure(other, "reconcile-other-list"));
  const issues: FieldIssue[] = [];
  const under = (list: string, index: number, found: readonly FieldIssue[]) =>
    issues.push(...found.map(({ path, rule }) => ({ path: `${list}.${index}.${path}`, rule })));
  const problems = request.problems.map((each, index) => {
    under("problems", index, problemIssues(each));
    return recordedBy(desk, newProblem(each, desk.patientId));
  });
  const allergies = request.allergies.map((each, index) => {
    under("allergies", index, allergyIssues(each));
    return recordedBy(desk, newAllergy(each, desk.patientId));
  });
  const medications = request.medications.map((each, index) => {
    under("medications", index, medicationIssues(each));
    return medicationRecord(desk, each);
  });
  return issues.length === 0 ? ok([...problems, ...allergies, ...medications]) : err({ kind: "fields", issues });
}

function entryOf(
  desk: ChartDesk,
  list: Reconcilable,
  record: FhirResource,
  decision: Reconcile["decisions"][number],
): Entry | undefined {
  if (decision.decision === "keep") return undefined;
  const { reason } = decision;
  if (decision.decision === "change") return { record: withDosage(record, decision.dosage), reason };
  const rule = ruleOf(list, STOPS[list], stateOf(list, record));
  invariant(rule !== undefined, "what is active can be stopped");
  return { record: moved(list, record, rule.to, desk.today), reason };
}

/** Statements, as they stand after all this: ended by an allergy that is new or kept, or made where none is left. */
function statementEntries(
  desk: ChartDesk,
  request: Reconcile,
  all: readonly FhirResource[],
  added: readonly JsonObject[],
): Result<readonly Entry[], ChartFailure> {
  if (request.list !== "allergies") return ok([]);
  const leaving = new Set(request.decisions.flatMap((each) => (each.decision === "stop" ? [each.id] : [])));
  if (request.noneKnown) {
    const entry = noneKnownEntry(desk, all, undefined, leaving);
    return entry.ok ? ok([entry.value]) : entry;
  }
  const { statements, allergies } = seenAllergies(all);
  const standing = [...added, ...allergies.filter(({ id }) => !leaving.has(id ?? ""))];
  return ok(statements.flatMap((statement) => standing.flatMap((record) => endedBy([statement], record)).slice(0, 1)));
}

/**
 * Reconciles a list with what somebody else says of it: each active item is kept, stopped or changed, what is missing is
 * added, and a Provenance says who did it, when and by whose word. One transaction: all of it or nothing.
 */
export async function reconcileList(desk: ChartDesk, request: Reconcile): Done {
  return once(desk, async () => {
    const { list } = request;
    const isNoneKnownAllowed =
      list === "allergies" &&
      request.allergies.length === 0 &&
      request.decisions.every(({ decision }) => decision === "stop");
    if (request.noneKnown && !isNoneKnownAllowed) return err(fieldFailure("noneKnown", "reconcile-none-known"));
    const all = await recordsOf(desk, LIST_TYPES[list]);
    if (!all.ok) return all;
    const active = (list === "allergies" ? seenAllergies(all.value).allergies : all.value).filter((record) =>
      isActiveState(list, stateOf(list, record)),
    );
    const decisions = decidedOn(request, active);
    if (!decisions.ok) return decisions;
    const added = additions(desk, request);
    if (!added.ok) return added;
    const statements = statementEntries(desk, request, all.value, added.value);
    if (!statements.ok) return statements;
    const changed = active.flatMap((record) => {
      const decision = decisions.value.get(record.id ?? "");
      return decision === undefined ? [] : (entryOf(desk, list, record, decision) ?? []);
    });
    const created: Entry[] = added.value.map((record, index) => ({ record, name: nameOf(index) }));
    const named = [
      ...active.map((record) => `${record.resourceType}/${record.id ?? ""}`),
      ...created.flatMap(({ name }) => name ?? []),
    ];
    const provenance: Entry = { record: provenanceOf(desk, request, named) };
    return commit(desk, [...changed, ...statements.value, ...created, provenance]);
  });
}

/** RFC 9562 5.8: a name that lives for one transaction. */
const nameOf = (index: number): string => `urn:uuid:00000000-0000-8000-8000-${String(index).padStart(12, "0")}`;
