import type {
  AddAllergy,
  AddImmunization,
  AddMedication,
  AddProblem,
  ChangeItem,
  ListName,
  MoveItem,
  StateNoneKnown,
} from "../contract/chart.ts";
import { copyLexemes, type FhirResource, type JsonObject } from "../fhir/index.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import {
  activeAllergies,
  allergyContent,
  allergyIssues,
  contradicts,
  movedAllergy,
  newAllergy,
  newNoneKnown,
  noneKnownAbout,
} from "./allergies.ts";
import { referenceTo } from "./author.ts";
import { type ChartDesk, atVersion, commit, type Done, type Entry, instantOf, once, recordsOf } from "./desk.ts";
import { codedText } from "./elements.ts";
import { type ChartFailure, chartFailure, fieldFailure, type FieldIssue } from "./failure.ts";
import { immunizationContent, immunizationIssues, movedImmunization, newImmunization } from "./immunizations.ts";
import { LIST_TYPES, versionOf } from "./lists.ts";
import { medicationContent, medicationIssues, medicationWords, movedMedication, newMedication } from "./medications.ts";
import { movedProblem, newProblem, problemContent, problemIssues } from "./problems.ts";
import { isActiveState, isEditableState, ruleOf, stateOf } from "./states.ts";

const isFuture = ({ today }: ChartDesk, date: string | undefined): boolean =>
  date !== undefined && date > today.slice(0, date.length);

const dateIssues = (desk: ChartDesk, dates: Readonly<Record<string, string | undefined>>): FieldIssue[] =>
  Object.entries(dates).flatMap(([path, date]) =>
    isFuture(desk, date) ? [{ path, rule: "date-future" } as const] : [],
  );

const judged = (issues: readonly FieldIssue[]): Result<undefined, ChartFailure> =>
  issues.length === 0 ? ok(undefined) : err({ kind: "fields", issues });

const sameText = (left: string | undefined, right: string): boolean =>
  left?.trim().toLocaleLowerCase("en-US") === right.trim().toLocaleLowerCase("en-US");

/** A record newly made, as its author's. */
export const recordedBy = (desk: ChartDesk, record: JsonObject): JsonObject => ({
  ...record,
  recordedDate: instantOf(desk),
  recorder: referenceTo(desk.author),
});

export async function addProblem(desk: ChartDesk, content: AddProblem): Done {
  return once(desk, async () => {
    const issues = judged([...problemIssues(content), ...dateIssues(desk, { onset: content.onset })]);
    if (!issues.ok) return issues;
    const known = await recordsOf(desk, LIST_TYPES.problems);
    if (!known.ok) return known;
    const isListed = known.value.some(
      (record) =>
        isActiveState("problems", stateOf("problems", record)) &&
        sameText(codedText(record["code"])?.text, content.problem.text),
    );
    if (isListed) return err(chartFailure("already-listed"));
    return commit(desk, [{ record: recordedBy(desk, newProblem(content, desk.patientId)) }]);
  });
}

/** Statements that an allergy contradicts, as ended by it. */
export const endedBy = (statements: readonly FhirResource[], allergy: JsonObject): readonly Entry[] =>
  statements
    .filter((statement) => contradicts(statement, allergy))
    .map((statement) => ({
      record: movedAllergy(statement, "resolved"),
      reason: "An allergy was recorded.",
    }));

/**
 * Adds an allergy. Where somebody stated that none is known, the request says that it ends that statement, at the version
 * that was seen; both are written together.
 */
export async function addAllergy(desk: ChartDesk, { endsNoneKnown, ...content }: AddAllergy): Done {
  return once(desk, async () => {
    const issues = judged([...allergyIssues(content), ...dateIssues(desk, { onset: content.onset })]);
    if (!issues.ok) return issues;
    const known = await recordsOf(desk, LIST_TYPES.allergies);
    if (!known.ok) return known;
    const record = newAllergy(content, desk.patientId);
    const { statements, allergies } = seenAllergies(known.value);
    if (allergies.some((each) => sameText(codedText(each["code"])?.text, content.substance.text)))
      return err(chartFailure("already-listed"));
    const standing = statements.filter((statement) => contradicts(statement, record));
    const isNamed = standing.some(({ id }) => id === endsNoneKnown?.id);
    if (standing.length > 0 && !isNamed) return err(chartFailure("none-known-stated"));
    const named = standing.find(({ id }) => id === endsNoneKnown?.id);
    if (named !== undefined && versionOf(named) !== endsNoneKnown?.version)
      return err({ kind: "conflict", reason: "version" });
    return commit(desk, [{ record: recordedBy(desk, record) }, ...endedBy(standing, record)]);
  });
}

export const seenAllergies = (records: readonly FhirResource[]) =>
  activeAllergies(records) as {
    readonly statements: readonly FhirResource[];
    readonly allergies: readonly FhirResource[];
  };

/** States that no allergies are known, or says it again: who and when stand in the newest version. */
export async function stateNoneKnown(desk: ChartDesk, { note }: StateNoneKnown): Done {
  return once(desk, async () => {
    const known = await recordsOf(desk, LIST_TYPES.allergies);
    if (!known.ok) return known;
    const entry = noneKnownEntry(desk, known.value, note);
    return entry.ok ? commit(desk, [entry.value]) : entry;
  });
}

/** @param leaving Ids of allergies that the same transaction takes from the list. */
export function noneKnownEntry(
  desk: ChartDesk,
  records: readonly FhirResource[],
  note?: string,
  leaving: ReadonlySet<string> = new Set(),
): Result<Entry, ChartFailure> {
  const { statements, allergies } = seenAllergies(records);
  if (allergies.some(({ id }) => !leaving.has(id ?? ""))) return err(chartFailure("allergy-recorded"));
  const stated = statements.find((statement) => noneKnownAbout(statement) === "any");
  if (stated !== undefined) return ok({ record: note === undefined ? stated : { ...stated, note: [{ text: note }] } });
  return ok({ record: recordedBy(desk, newNoneKnown(desk.patientId, note)) });
}

export async function addMedication(desk: ChartDesk, content: AddMedication): Done {
  return once(desk, async () => {
    const issues = judged([...medicationIssues(content), ...dateIssues(desk, { started: content.started })]);
    if (!issues.ok) return issues;
    const known = await recordsOf(desk, LIST_TYPES.medications);
    if (!known.ok) return known;
    const isListed = known.value.some((record) => {
      if (!isActiveState("medications", stateOf("medications", record))) return false;
      const { text, dosage } = medicationWords(record);
      return sameText(text, content.medication.text) && sameText(dosage, content.dosage ?? "");
    });
    if (isListed) return err(chartFailure("already-listed"));
    return commit(desk, [{ record: medicationRecord(desk, content) }]);
  });
}

export const medicationRecord = (desk: ChartDesk, content: AddMedication): JsonObject =>
  newMedication(content, desk.patientId, instantOf(desk), referenceTo(desk.author));

export async function addImmunization(desk: ChartDesk, content: AddImmunization): Done {
  return once(desk, async () => {
    const issues = judged([...immunizationIssues(content), ...dateIssues(desk, { date: content.date })]);
    if (!issues.ok) return issues;
    const record = newImmunization(content, desk.patientId, instantOf(desk), referenceTo(desk.author));
    return commit(desk, [{ record }]);
  });
}

type Changed = Result<{ readonly content: JsonObject; readonly issues: readonly FieldIssue[] }, ChartFailure>;

/** What the request says, as elements of the record that it changes. Codes that stand there stay while their words do. */
function contentOf(desk: ChartDesk, change: ChangeItem, record: FhirResource): Changed {
  switch (change.list) {
    case "problems":
      return ok({
        content: problemContent(change.content, record),
        issues: [...problemIssues(change.content, record), ...dateIssues(desk, { onset: change.content.onset })],
      });
    case "allergies":
      if (noneKnownAbout(record) !== undefined) return err(chartFailure("not-editable"));
      return ok({
        content: allergyContent(change.content, record),
        issues: [...allergyIssues(change.content, record), ...dateIssues(desk, { onset: change.content.onset })],
      });
    case "medications":
      return ok({
        content: medicationContent(record.resourceType, change.content, record),
        issues: [...medicationIssues(change.content, record), ...dateIssues(desk, { started: change.content.started })],
      });
    case "immunizations":
      return ok({
        content: immunizationContent(change.content, record),
        issues: [...immunizationIssues(change.content, record), ...dateIssues(desk, { date: change.content.date })],
      });
  }
}

/** The record with new content: what the content leaves out is gone, everything that it does not know stays. */
export function withContent(record: FhirResource, content: JsonObject): JsonObject {
  const isReplaced = (name: string): boolean =>
    name in content || ("onsetDateTime" in content && content["onsetDateTime"] !== undefined && /^_?onset/.test(name));
  const kept = Object.entries(record).filter(([name]) => !isReplaced(name));
  const set = Object.entries(content).filter(([, value]) => value !== undefined);
  return copyLexemes(record, Object.fromEntries([...kept, ...set]));
}

/** Finds the item of a list that the caller has seen at this version. */
async function findItem(
  desk: ChartDesk,
  list: ListName,
  id: string,
  ifMatch: number,
): Promise<Result<{ readonly record: FhirResource; readonly all: readonly FhirResource[] }, ChartFailure>> {
  const all = await recordsOf(desk, LIST_TYPES[list]);
  if (!all.ok) return all;
  const record = atVersion(desk, all.value, id, ifMatch);
  return record.ok ? ok({ record: record.value, all: all.value }) : record;
}

/** `contradicted`: an active allergy beside a statement that none is known, in whichever order they came. */
function contradiction(next: JsonObject, all: readonly FhirResource[]): Result<undefined, ChartFailure> {
  if (!isActiveState("allergies", stateOf("allergies", next))) return ok(undefined);
  const { statements, allergies } = seenAllergies(all.filter(({ id }) => id !== next["id"]));
  if (statements.some((statement) => contradicts(statement, next))) return err(chartFailure("none-known-stated"));
  if (allergies.some((allergy) => contradicts(next, allergy))) return err(chartFailure("allergy-recorded"));
  return ok(undefined);
}

export async function changeItem(desk: ChartDesk, id: string, ifMatch: number, change: ChangeItem): Done {
  return once(desk, async () => {
    const { list } = change;
    const found = await findItem(desk, list, id, ifMatch);
    if (!found.ok) return found;
    const { record, all } = found.value;
    if (!isEditableState(list, stateOf(list, record))) return err(chartFailure("not-editable"));
    const changed = contentOf(desk, change, record);
    if (!changed.ok) return changed;
    const { issues, content } = changed.value;
    if (issues.length > 0)
      return err({ kind: "fields", issues: issues.map((each) => ({ ...each, path: `content.${each.path}` })) });
    const next = withContent(record, content);
    const stands = list === "allergies" ? contradiction(next, all) : ok(undefined);
    if (!stands.ok) return stands;
    return commit(desk, [{ record: next, ...(change.reason !== undefined && { reason: change.reason }) }]);
  });
}

/** The record in another state of its list. @param on When it ended, where it did. */
export function moved(list: ListName, record: JsonObject, to: string, on: string | undefined): JsonObject {
  switch (list) {
    case "problems":
      return movedProblem(record, to, on);
    case "allergies":
      return movedAllergy(record, to);
    case "medications":
      return movedMedication(record, to, on);
    case "immunizations":
      return movedImmunization(record, to);
  }
}

export async function moveItem(
  desk: ChartDesk,
  list: ListName,
  id: string,
  ifMatch: number,
  { move, reason, on }: MoveItem,
): Done {
  return once(desk, async () => {
    const found = await findItem(desk, list, id, ifMatch);
    if (!found.ok) return found;
    const { record, all } = found.value;
    const rule = ruleOf(list, move, stateOf(list, record));
    if (rule === undefined) return err(chartFailure("move-not-allowed"));
    if (rule.needsReason === true && reason === undefined) return err(fieldFailure("reason", "reason-needed"));
    if (isFuture(desk, on)) return err(fieldFailure("on", "date-future"));
    const next = moved(list, record, rule.to, on ?? desk.today);
    const stands = list === "allergies" ? contradiction(next, all) : ok(undefined);
    if (!stands.ok) return stands;
    return commit(desk, [{ record: next, ...(reason !== undefined && { reason }) }]);
  });
}
