import { createVirtualClock, type VirtualClock } from "../../../scripts/local/front/clock.ts";
import { readPlan } from "../../../scripts/local/provision/index.ts";
import { quietPlan } from "../../fixtures/quiet-plan.ts";
import { essence } from "../http/answers.ts";
import { type Answer, canaryPatient, type Caller, startWorld, type World } from "../world.ts";

/** A stage whose time can be moved: what must end within five seconds is looked at five seconds later. */
export interface Scene {
  readonly world: World;
  readonly clock: VirtualClock;
  /** A record of A's, which A's physician may read. */
  readonly path: string;
  close(): Promise<void>;
}

export type Use = () => Scene;

export async function openScene(): Promise<Scene> {
  const clock = createVirtualClock({ isFlowing: true });
  const plan = quietPlan(readPlan("dev"));
  const world = await startWorld({ clock, plan, throttle: { ratePerSecond: 10_000, burst: 5_000 } });
  const made = await world.a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(world.a) });
  const path = `/fhir/Patient/${String(made.body["id"])}`;
  return {
    world,
    clock,
    path,
    async close() {
      await world.close();
      await clock.close();
    },
  };
}

/** Nobody is let in: one answer for every way to be unknown, and nothing of the record in it. */
export function refusalOf(answer: Answer, canary: string): unknown {
  const { status, headers, text } = essence(answer);
  return {
    status,
    text,
    challenge: headers.find(([name]) => name === "www-authenticate")?.[1],
    leaks: text.includes(canary),
  };
}

export const statusOf = async (by: Caller, path: string): Promise<number> => (await by.send("GET", path)).status;
