import { toInstant } from "../kernel/clock.ts";
import { csvCell } from "../kernel/spreadsheet.ts";
import type { AuditEvent } from "./event.ts";
import { fhirAuditEvent, fhirConsentDecision } from "./fhir-audit-event.ts";

/** Events as a reviewer reads them: identifiers only, whatever the format. */
export const FORMATS = ["csv", "ndjson", "fhir"] as const;
export type Format = (typeof FORMATS)[number];

export const fileNameOf = (format: Format): string => (format === "fhir" ? "events.fhir.ndjson" : `events.${format}`);

const list = (items: readonly string[] | undefined): string => (items ?? []).join(" ");

/** One column for each thing that ASTM E2147-18 7 asks for. */
const COLUMNS: readonly (readonly [title: string, value: (event: AuditEvent) => string])[] = [
  ["id", ({ id }) => id],
  ["time", ({ at }) => toInstant(at)],
  ["tenant", ({ tenant }) => tenant],
  ["interaction", ({ interaction }) => interaction],
  ["action", ({ action }) => action],
  ["outcome", ({ outcome }) => outcome],
  ["actor", ({ actor }) => actor.user],
  ["actor kind", ({ actor }) => actor.kind],
  ["roles", ({ actor }) => list(actor.roles)],
  ["client", ({ actor }) => actor.client],
  ["session", ({ actor }) => actor.session],
  ["purpose", ({ purpose = "" }) => purpose],
  ["patient", ({ patient = "" }) => patient],
  [
    "records",
    ({ entities }) =>
      list(entities.map(({ type, id, version }) => [type, id, version].filter((part) => part !== undefined).join("/"))),
  ],
  ["count", ({ count }) => count?.toString() ?? ""],
  ["classes", ({ classes }) => list(classes)],
  ["sections", ({ sections }) => list(sections)],
  ["recipient", ({ recipient = "" }) => recipient],
  ["consent", ({ consent }) => consent.state],
  ["consents", ({ consent }) => list(consent.ids)],
  ["break-glass", ({ emergency = "" }) => emergency],
  ["on behalf of", ({ delegation }) => delegation?.user ?? ""],
  ["delegation", ({ delegation }) => delegation?.id ?? ""],
  ["reason", ({ reason }) => reason?.code ?? ""],
  ["approver", ({ approver = "" }) => approver],
  ["stage", ({ stage = "" }) => stage],
  ["service", ({ service }) => service],
  ["request", ({ request }) => request],
  ["decision", ({ decision }) => decision.id],
  ["policy version", ({ decision }) => decision.version],
  ["rules", ({ decision }) => list(decision.rules)],
  ["repeat", ({ replay }) => (replay === true ? "yes" : "")],
  ["writer", ({ writer }) => writer.id],
  ["number", ({ writer }) => String(writer.seq)],
];

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(",")}\r\n`;

/** What stands before the first event. */
export const headOf = (format: Format): string => (format === "csv" ? csvLine(COLUMNS.map(([title]) => title)) : "");

/** One event. `line` is its archived text. */
export function renderEvent(format: Format, event: AuditEvent, line: string): string {
  if (format === "ndjson") return `${line}\n`;
  if (format === "csv") return csvLine(COLUMNS.map(([, value]) => value(event)));
  const decision = fhirConsentDecision(event);
  const resources = decision === undefined ? [fhirAuditEvent(event)] : [fhirAuditEvent(event), decision];
  return resources.map((resource) => `${JSON.stringify(resource)}\n`).join("");
}
