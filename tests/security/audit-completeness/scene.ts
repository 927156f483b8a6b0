import type { RouteName } from "../../../core/contract/index.ts";
import { signMember } from "../http/members.ts";
import { type Answer, canaryObservation, canaryPatient, type Caller, startWorld, type World } from "../world.ts";

export interface Scene {
  readonly world: World;
  readonly patientId: string;
  /** A role that no policy lets near a record. */
  readonly auditor: Caller;
  resource(patientId?: string): Record<string, unknown>;
  /** A new observation of the patient, at version 1. */
  file(): Promise<string>;
  close(): Promise<void>;
}

export type Use = () => Scene;

export async function openScene(): Promise<Scene> {
  const world = await startWorld({ throttle: { ratePerSecond: 10_000, burst: 5_000 } });
  const { a } = world;
  const made = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a) });
  const patientId = String(made.body["id"]);
  const wanted = { tenantId: a.tenantId, login: "a.auditor", roles: ["auditor"] };
  const { caller: auditor } = await signMember(world, wanted);
  const resource = (of = patientId): Record<string, unknown> => canaryObservation(a, of);
  return {
    world,
    patientId,
    auditor,
    resource,
    async file() {
      const answer = await a.doc.send("POST", "/fhir/Observation", { body: resource() });
      return String(answer.body["id"]);
    },
    close: () => world.close(),
  };
}

export type Told = "success" | "denied" | "failure";

/** One way for a route to end: the status that is answered, and what its event says. */
export interface Row {
  readonly route: RouteName;
  readonly title: string;
  readonly status: number;
  readonly told: Told;
  readonly isReplay?: boolean;
  readonly ask: (scene: Scene) => Promise<Answer>;
}
