import type { EventFacts } from "../../core/audit/writer.ts";
import { newId } from "../../core/kernel/ids.ts";

/** As long as the sealed detail of an ordinary request. */
export const DETAIL_BYTES = 320;
const PATIENTS = 500;

/** Facts of ordinary reads: one physician, and now one patient and now another. */
export function benchFacts(tenant: string, nowMs: number): (number: number) => EventFacts {
  const user = newId(nowMs);
  const patients = Array.from({ length: PATIENTS }, () => newId(nowMs));
  const records = patients.map((patient) => `${patient}.${newId(nowMs)}`);
  return (number) => ({
    tenant,
    action: "R",
    interaction: "read",
    outcome: "success",
    service: "fhir",
    actor: { user, kind: "user", roles: ["physician"], client: "portal", session: "0".repeat(32) },
    purpose: "TREAT",
    patient: patients[number % PATIENTS] ?? "",
    entities: [{ type: "Observation", id: records[number % PATIENTS] ?? "", version: 1 }],
    classes: ["C"],
    request: `request-${number}`,
    decision: {
      id: "0".repeat(32),
      version: "0".repeat(64),
      rules: ["physician-chart"],
      inputs: {
        ask: "records",
        assurance: "aal2",
        demands: [{ action: "read", classes: "C", patient: "other", types: ["Observation"] }],
        purpose: "TREAT",
        roles: ["physician"],
      },
    },
    consent: { state: "not-required", ids: [] },
  });
}
