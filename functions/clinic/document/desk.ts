import { randomBytes } from "node:crypto";
import type { DocumentAct } from "../../../core/contract/document.ts";
import { type DocumentDesk, type DocumentFailure, localScanner } from "../../../core/document/index.ts";
import { patientOfId } from "../../../core/fhir/index.ts";
import { systemClock } from "../../../core/kernel/clock.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import { newId } from "../../../core/kernel/ids.ts";
import type { Result } from "../../../core/kernel/result.ts";
import { authorizeClinic, type Demand } from "../../../core/policy/index.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail, type Failure } from "../../http/failure.ts";
import { toFailure } from "../../records/failures.ts";
import { createAttachments, createOwnAttachments } from "../../runtime/attachments.ts";
import { readConfig } from "../../runtime/config.ts";
import { type Charts, effectOf, openCharts, type Said, sayWhy } from "../charts.ts";
import { config, openScope, site, standingOptions, zone } from "../context.ts";
import { signerOf } from "../encounter/desk.ts";

const { ATTACHMENT_BUCKET } = readConfig(["ATTACHMENT_BUCKET"]);

const ownAttachments = createOwnAttachments(
  {
    site,
    tenantRoleArn: config.TENANT_ROLE_ARN,
    cellKeyArn: config.CELL_KEY_ARN,
    bucket: ATTACHMENT_BUCKET,
  },
  zone.vend,
);

/** A document is in whichever of these its type and labels put it. */
const CLASSES: readonly RecordClass[] = ["C", "S", "D"];

export const onDocuments = (
  action: Demand["action"],
  patientId: string | undefined,
  classes: readonly RecordClass[] = CLASSES,
): Demand => ({ action, type: "DocumentReference", classes, ...(patientId !== undefined && { patientId }) });

/** The action of policy that an act to a document is. */
const ACTIONS: Readonly<Record<DocumentAct, string>> = {
  replace: "document.upload",
  describe: "document.describe",
  withdraw: "document.withdraw",
  check: "document.check",
};

export interface Filing {
  readonly charts: Charts;
  readonly desk: DocumentDesk;
}

/** Opens the charts that the demands name, and what documents are worked on with. */
export async function openFiling(
  exchange: Exchange,
  demands: readonly Demand[],
  about?: string,
  why?: Said,
): Promise<Filing> {
  const named = about === undefined ? undefined : ({ type: "DocumentReference", id: about } as const);
  const charts = await openCharts(exchange, demands, named, why);
  const { principal, records, recordGrant } = charts;
  const { audit, privacy, credentials } = openScope(exchange, recordGrant);
  const patientId = demands[0]?.patientId ?? patientOfId(about ?? "");
  const asked = { ...standingOptions(exchange), ...(patientId !== undefined && { patientId }) };
  const desk: DocumentDesk = {
    records,
    grant: recordGrant,
    me: await signerOf(exchange),
    clock: systemClock,
    ...effectOf(exchange),
    rows: privacy,
    audit,
    files:
      recordGrant.onlyPatientId === undefined
        ? createAttachments(config.AWS_REGION, ATTACHMENT_BUCKET, recordGrant.tenantId, credentials)
        : ownAttachments(recordGrant),
    scanner: localScanner,
    isPermitted: (act) => authorizeClinic(principal, ACTIONS[act], asked).ok,
    say: (reason) => sayWhy(exchange, { reason }),
    newId,
    random: randomBytes,
  };
  return { charts, desk };
}

/** What each failure of a document is on the wire. What is wrong with a file is told of the field that it was chosen in. */
export function failureOf(failure: DocumentFailure): Failure {
  if (failure.kind === "rule") return { kind: "business-rule", rule: failure.rule };
  if (failure.kind !== "file") return toFailure(failure);
  const issue = { path: "file", rule: failure.rule, severity: "error", code: "business-rule" } as const;
  return { kind: "invalid", issues: [issue] };
}

export const must = <T>(result: Result<T, DocumentFailure>): T =>
  result.ok ? result.value : fail(failureOf(result.error));

/** Does a request that reads, and begins it again once where a consent or a hold changed while it ran. */
export async function filing<T>(
  open: () => Promise<Filing>,
  work: (filing: Filing) => Promise<Result<T, DocumentFailure>>,
): Promise<T> {
  const first = await work(await open());
  const hasChanged = !first.ok && first.error.kind === "conflict" && first.error.reason === "decision";
  return must(hasChanged ? await work(await open()) : first);
}
