import type { MergePatients, MergeReviewAnswer, ReviewMerge, UnmergePatients } from "../../../core/contract/index.ts";
import { classesOfType, RESOURCE_TYPES, type ResourceType } from "../../../core/fhir/index.ts";
import { compare, likenessOfPatient, rowOf } from "../../../core/patient/index.ts";
import { duplicatesOf, type Protection, readProtection, survivorOf } from "../../../core/privacy/index.ts";
import { resourceOf, type WriteAnswer } from "../../../core/record/index.ts";
import { type Answer, type Exchange, json } from "../../http/exchange.ts";
import { fail } from "../../http/failure.ts";
import { must } from "../../records/failures.ts";
import { type Charts, effectOf, openCharts } from "../charts.ts";
import { failureOf } from "../failures.ts";
import { answerOf, patientDemand, readOne } from "./answers.ts";

const idOf = ({ path }: Exchange): string => path["id"] ?? "";

async function protectionOf(charts: Charts, id: string): Promise<Protection> {
  const found = await readProtection(charts.privacy, id);
  return found.ok ? found.value : fail(failureOf(found.error));
}

/** As core/record refuses it: said before somebody has given her reason and shown both factors. */
function obstacleOf(survivor: Protection, duplicate: Protection): MergeReviewAnswer["obstacle"] {
  if (survivor.hold !== undefined || duplicate.hold !== undefined) return "legal-hold";
  const isFree = duplicate.merge === undefined && survivorOf(survivor) === undefined;
  return isFree && duplicatesOf(survivor).length < 5 ? undefined : "merge-chain";
}

/** POST /clinic/patients/{id}/merge/review: nothing is written. What is counted is what the caller may see. */
export async function reviewMerge(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const { duplicate: other } = exchange.body as ReviewMerge;
  if (other === id) return fail({ kind: "business-rule", rule: "merge-itself" });
  const everything = {
    action: "everything",
    type: "Patient",
    classes: ["C", "S", "B", "D"],
    patientId: other,
  } as const;
  const demands = [patientDemand("read", id), patientDemand("read", other), patientDemand("search"), everything];
  const charts = await openCharts(exchange, demands);
  const [survivor, duplicate] = [await readOne(charts, id), await readOne(charts, other)];
  const { tenantId } = charts.grant;
  const { rules } = compare(
    likenessOfPatient(survivor.patient, tenantId),
    likenessOfPatient(duplicate.patient, tenantId),
  );
  const obstacle = obstacleOf(await protectionOf(charts, id), await protectionOf(charts, other));
  const review: MergeReviewAnswer = {
    survivor: await answerOf(charts, survivor),
    duplicate: await answerOf(charts, duplicate),
    rules,
    moves: await movesOf(charts, other),
    ...(obstacle && { obstacle }),
  };
  return json(200, review);
}

async function movesOf({ records, recordGrant }: Charts, id: string): Promise<MergeReviewAnswer["moves"]> {
  const counts = new Map<ResourceType, number>();
  let cursor: string | undefined;
  do {
    const options = cursor === undefined ? {} : { cursor };
    const page = must(await records.everything(recordGrant, id, options));
    for (const { resourceType: type, ...rest } of page.resources) {
      const isHers = rest.id !== undefined && (rest.id.startsWith(`${id}.`) || classesOfType(type).includes("C"));
      if (type !== "Patient" && isHers) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return RESOURCE_TYPES.flatMap((type) => {
    const count = counts.get(type);
    return count === undefined ? [] : [{ type, count }];
  });
}

const answer = ({ grant }: Charts, { version, isReplay }: WriteAnswer): Answer =>
  json(
    200,
    { survivor: rowOf(resourceOf(version), grant.tenantId), version: version.version },
    isReplay ? { "idempotency-replayed": "true" } : {},
  );

/** POST /clinic/patients/{id}/merge: with both factors again, and why. */
export async function mergePatients(exchange: Exchange): Promise<Answer> {
  const id = idOf(exchange);
  const { duplicate, versions, reason } = exchange.body as MergePatients;
  if (duplicate === id) return fail({ kind: "business-rule", rule: "merge-itself" });
  const demands = [id, duplicate].map((each) => patientDemand("update", each));
  const charts = await openCharts(exchange, demands);
  const merged = await charts.records.mergePatients(charts.recordGrant, {
    survivor: { id, version: versions.survivor },
    duplicate: { id: duplicate, version: versions.duplicate },
    reason,
    ...effectOf(exchange),
  });
  return answer(charts, must(merged));
}

/** POST /clinic/patients/{id}/unmerge: of a duplicate. Both are again what they were. */
export async function unmergePatients(exchange: Exchange): Promise<Answer> {
  const duplicate = idOf(exchange);
  const { reason } = exchange.body as UnmergePatients;
  const charts = await openCharts(exchange, [patientDemand("update", duplicate)]);
  const undone = await charts.records.unmergePatients(charts.recordGrant, {
    duplicate,
    reason,
    ...effectOf(exchange),
  });
  return answer(charts, must(undone));
}
