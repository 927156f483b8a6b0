import { type Scene, type Session } from "../clinic/scene.ts";
import type { Caller, Clinic } from "../world.ts";

/** Two patients of one clinic in their portals, and a physician of it. */
export interface PortalScene {
  readonly scene: Scene;
  readonly ada: Session;
  readonly bob: Session;
  readonly doc: Session;
  /** An application of Ada's, with a token. */
  readonly app: Caller;
  readonly adaId: string;
  readonly bobId: string;
}

const TREAT = { "x-purpose-of-use": "TREAT" };
/** Words of what must not be seen. */
export const secret = (what: string): string => `SECRET${what}`;

/** Files a record as the clinic's physician does, and gives its id. */
export async function file(
  { doc: by, tenantId }: Clinic,
  body: Record<string, unknown>,
  more = TREAT,
): Promise<string> {
  const answer = await by.send("POST", `/fhir/${String(body["resourceType"])}`, { body, headers: more });
  if (answer.status !== 201) throw new Error(`${tenantId} ${String(body["resourceType"])}: ${answer.text}`);
  return String(answer.body["id"]);
}

/** A laboratory result, final and of now. */
export const lab = (scene: Scene, patientId: string, what: string, more: object = {}) => ({
  resourceType: "Observation",
  status: "final",
  category: [
    { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] },
  ],
  code: { text: what },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: "2026-11-01T08:00:00Z",
  issued: new Date(scene.clock.now()).toISOString(),
  valueQuantity: { value: 5.5, unit: "mmol/L" },
  ...more,
});
