import { createHash } from "node:crypto";
import { type FhirResource, patientOfId } from "../fhir/index.ts";
import { encodeId, isId } from "../kernel/ids.ts";
import { invariant } from "../kernel/invariant.ts";
import { ok } from "../kernel/result.ts";
import { CORRECTED, resourceOf, WAITING } from "../record/index.ts";
import type { Answer, MessageDesk } from "./desk.ts";
import { listOf, objectOf, textOf } from "./elements.ts";
import { idIn } from "./parties.ts";
import { type Report, wordsOf } from "./result-resource.ts";

/*
 * Values of a laboratory that came without a report. Those of one order, or else of one day, are looked at and signed off
 * together, each over the version that was seen.
 */

/** As many as one transaction signs, with their pasts and their tokens. */
const GROUP_MAX = 20;
const NAMED_MAX = 3;

const ordersOf = (value: FhirResource): readonly string[] =>
  listOf(value["basedOn"]).flatMap((each) => idIn(each, "ServiceRequest") ?? []);

const takenAt = ({ effectiveDateTime, effectivePeriod, issued, meta }: FhirResource): string =>
  textOf(effectiveDateTime) ||
  textOf(objectOf(effectivePeriod)["start"]) ||
  textOf(issued) ||
  textOf(meta?.["lastUpdated"]);

const digest = (...words: readonly string[]): Buffer => createHash("sha256").update(words.join("\n")).digest();

/** `<patient>.g-<26>`, or without the patient where her id is another system's. */
const GROUP_ID = /^(?:([0-9a-z]{26})\.)?g-[0-9a-z]{26}$/;
export const isGroupId = (id: string): boolean => GROUP_ID.test(id);

/** Whose a result is, as far as its id tells: of a report, and of values without one. */
export const patientOfResult = (id: string): string | undefined => patientOfId(id) ?? GROUP_ID.exec(id)?.[1];

function groupOf(patientId: string, key: string, part: number, members: readonly FhirResource[]): Report {
  const own = `g-${encodeId(digest("values", patientId, key, String(part)).subarray(0, 16))}`;
  const names = [...new Set(members.map(({ code }) => wordsOf(code)).filter((name) => name !== ""))];
  const statuses = members.map(({ status }) => textOf(status));
  const status = ["preliminary", "corrected", "amended"].find((each) => statuses.includes(each)) ?? "final";
  const [first] = members;
  invariant(first !== undefined, "a group has a value");
  const issued = takenAt(first);
  const seen = members.map(({ id = "", meta }) => `${id}/${String(meta?.["versionId"])}`);
  return {
    id: isId(patientId) ? `${patientId}.${own}` : own,
    // Another value, or another version of one, is another version of the group.
    version: digest(...seen).readUInt32BE(0),
    patientId,
    title: names.slice(0, NAMED_MAX).join(", ") + (names.length > NAMED_MAX ? " \u2026" : ""),
    status,
    ...(issued !== "" && { issuedAt: issued }),
    values: members.flatMap(({ id }) => id ?? []),
    orders: [...new Set(members.flatMap(ordersOf))],
    isReviewed: false,
    resource: first,
    members,
  };
}

/** The values as what is signed off together, in the order of their ids. */
export function groupsOf(values: readonly FhirResource[]): readonly Report[] {
  const ordered = values.toSorted((left, right) => ((left.id ?? "") < (right.id ?? "") ? -1 : 1));
  const byPatient = Map.groupBy(ordered, (value) => idIn(value["subject"], "Patient") ?? "");
  return [...byPatient].flatMap(([patientId, hers]) => {
    if (patientId === "") return [];
    const byKey = Map.groupBy(hers, (value) => ordersOf(value)[0] ?? takenAt(value).slice(0, 10));
    return [...byKey].flatMap(([key, members]) =>
      Array.from({ length: Math.ceil(members.length / GROUP_MAX) }, (_part, part) =>
        groupOf(patientId, key, part, members.slice(part * GROUP_MAX, (part + 1) * GROUP_MAX)),
      ),
    );
  });
}

/** Those that wait: of the whole clinic, or of one patient. */
export async function bareValues({ records, grant }: MessageDesk, patientId?: string): Answer<readonly FhirResource[]> {
  const found = await records.searchByToken(grant, "Observation", "review", [WAITING, CORRECTED], patientId);
  return found.ok ? ok(found.value.map(resourceOf)) : found;
}
