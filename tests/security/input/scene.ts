import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { sendRaw, type RawAnswer, type RawRequest } from "../http/raw.ts";
import { dataRowsOf, registryRows } from "../http/state.ts";
import { canaryPatient, startWorld, type World } from "../world.ts";

export interface Scene {
  readonly world: World;
  /** A patient of A's, and the way to her. */
  readonly patientId: string;
  readonly path: string;
  /** In everything bad that is sent: no answer and no log may hold it. */
  readonly canary: string;
  close(): Promise<void>;
}

export type Use = () => Scene;

export async function openScene(): Promise<Scene> {
  const world = await startWorld({ throttle: { ratePerSecond: 10_000, burst: 5_000 } });
  const made = await world.a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(world.a) });
  const patientId = String(made.body["id"]);
  const canary = `INPUTCANARY${randomBytes(6).toString("hex")}`;
  return { world, patientId, path: `/fhir/Patient/${patientId}`, canary, close: () => world.close() };
}

type Given = Pick<RawAnswer, "status" | "headers" | "text">;

const OUTCOME_KEYS = new Set(["severity", "code", "details", "diagnostics", "expression"]);
const PROBLEM_KEYS = new Set(["title", "status", "code", "rule", "fields"]);

/**
 * A refusal of bad input: 4xx, in the one form of its zone, with a code and nothing of what was sent. A request that no
 * route or limit of the gateway lets through is answered by the gateway, in one fixed sentence.
 */
export function expectRefused({ canary }: Pick<Scene, "canary">, answer: Given, ...statuses: readonly number[]): void {
  expect(statuses.length === 0 ? [answer.status] : statuses).toContain(answer.status);
  expect([answer.status >= 400 && answer.status < 500, answer.status]).toEqual([true, answer.status]);
  expect(answer.text).not.toContain(canary);
  expect(JSON.stringify([...answer.headers])).not.toContain(canary);
  const type = answer.headers.get("content-type") ?? "";
  // What Node's own parser refuses has no content type.
  if (answer.text === "") return;
  const body = JSON.parse(answer.text) as Readonly<Record<string, unknown>>;
  if (type.startsWith("application/fhir+json")) {
    const { issue } = body as { readonly issue: readonly Readonly<Record<string, unknown>>[] };
    expect(body["resourceType"]).toBe("OperationOutcome");
    expect(issue.length).toBeGreaterThan(0);
    for (const each of issue) {
      expect(each["code"]).toMatch(/^[a-z-]+$/);
      expect(Object.keys(each).filter((key) => !OUTCOME_KEYS.has(key))).toEqual([]);
    }
  } else if (type.startsWith("application/problem+json")) {
    expect(Object.keys(body).filter((key) => !PROBLEM_KEYS.has(key))).toEqual([]);
  } else {
    expect(Object.keys(body)).toEqual([body["error"] === undefined ? "message" : "error"]);
  }
}

/** Nothing is half-written: A's records and everybody's membership are what they were. */
export async function whileNothingChanges({ world }: Scene, work: () => Promise<void>): Promise<void> {
  const before = [dataRowsOf(world, world.a.tenantId), registryRows(world)];
  await work();
  expect([dataRowsOf(world, world.a.tenantId), registryRows(world)]).toEqual(before);
}

/** A request as the physician of A, its bytes as they stand. */
export const sendAsDoc = ({ world }: Scene, request: RawRequest): Promise<RawAnswer> =>
  sendRaw(world.stack.endpoint, {
    ...request,
    headers: ["authorization", `Bearer ${world.a.doc.token}`, ...(request.headers ?? [])],
  });

export const FHIR_JSON = ["content-type", "application/fhir+json"] as const;
