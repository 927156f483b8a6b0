import { expect, it } from "vitest";
import { attachmentBucketName } from "../../../core/iam/index.ts";
import { DATA_CLASSES, type PartitionClass } from "../../../core/kernel/data-class.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { handsOf, outcome, putPastIam, rootHands, text, type Credentials, type Hands, type Item } from "../aws.ts";
import {
  canaryObservation,
  canaryPatient,
  type Clinic,
  type CredentialOptions,
  newTestId,
  SITE,
  startWorld,
  type World,
} from "../world.ts";

/** What every group works with: a stage, what both clinics keep in it, and a physician's session of clinic A. */
export interface Scene {
  readonly world: World;
  readonly a: TenantId;
  readonly b: TenantId;
  /** A patient and two observations of each clinic, filed over the API. */
  readonly charts: { readonly a: Chart; readonly b: Chart };
  /** Vended as the FHIR function vends for a physician of A: classes C, D, X, I. */
  readonly own: Hands;
  readonly root: Hands;
  /** Clients of a session vended for A, or as the options say. */
  vended(options?: Partial<CredentialOptions>): Promise<Hands>;
  hands(credentials: Credentials): Hands;
  close(): Promise<void>;
}

export type Use = () => Scene;

export interface Chart {
  readonly patientId: string;
  readonly otherPatientId: string;
  readonly observationId: string;
  /** Of the same patient. */
  readonly siblingId: string;
  /** Of the other patient. */
  readonly strangerId: string;
}

/** A patient's id in every marker row. */
export const PATIENT = newTestId();
export const SORT = `R#Observation#${PATIENT}.${newTestId()}`;
export const STORED_CLASSES = DATA_CLASSES.filter((dataClass) => dataClass !== "A");

export const partition = (tenant: string, dataClass: string, rest = `P#${PATIENT}`): string =>
  `T#${tenant}#${dataClass}#${rest}`;
export const key = (pk: string, sk = SORT): Item => ({ pk: text(pk), sk: text(sk) });
export const attachment = (tenant: string, dataClass: string, name = "scan.pdf"): string =>
  `t/${tenant}/${dataClass}/${name}`;
export const ATTACHMENTS = attachmentBucketName(SITE);

/** A marker row of every class and an attachment of every class, for both clinics, past IAM. */
async function furnish(world: World): Promise<void> {
  for (const { tenantId } of [world.a, world.b]) {
    for (const dataClass of STORED_CLASSES) {
      const index = { gpk: text(partition(tenantId, dataClass, "IX")), gsk: text("1") };
      await putPastIam(world, "data", { ...key(partition(tenantId, dataClass)), ...index });
      const bytes = Buffer.from(`attachment of class ${dataClass}`);
      world.stack.cloud.s3.putObjectInternal(ATTACHMENTS, attachment(tenantId, dataClass), bytes);
    }
  }
}

async function fileChart(clinic: Clinic): Promise<Chart> {
  const file = async (type: string, body: unknown): Promise<string> => {
    const answer = await clinic.doc.send("POST", `/fhir/${type}`, { body });
    if (answer.status !== 201) throw new Error(`a ${type} was not filed: ${answer.status}`);
    return String(answer.body["id"]);
  };
  const patientId = await file("Patient", canaryPatient(clinic));
  const otherPatientId = await file("Patient", canaryPatient(clinic));
  const observation = (patient: string) => file("Observation", canaryObservation(clinic, patient));
  const [observationId, siblingId] = [await observation(patientId), await observation(patientId)];
  return { patientId, otherPatientId, observationId, siblingId, strangerId: await observation(otherPatientId) };
}

export async function openScene(): Promise<Scene> {
  const world = await startWorld();
  await furnish(world);
  const charts = { a: await fileChart(world.a), b: await fileChart(world.b) };
  const opened: Hands[] = [];
  const hands = (credentials: Credentials): Hands => {
    const made = handsOf(world, credentials);
    opened.push(made);
    return made;
  };
  const vended = async (options: Partial<CredentialOptions> = {}): Promise<Hands> =>
    hands(await world.credentials({ tenantId: world.a.tenantId, ...options }));
  const root = rootHands(world);
  opened.push(root);
  return {
    world,
    a: world.a.tenantId,
    b: world.b.tenantId,
    charts,
    own: await vended(),
    root,
    vended,
    hands,
    async close() {
      for (const each of opened) each.destroy();
      await world.close();
    },
  };
}

/** One call over the wire, and the name of the AWS error that must meet it, or `allowed` for a control. */
export type Probe = readonly [title: string, want: string, call: (scene: Scene) => Promise<unknown>];

export function probes(id: string, use: Use, rows: readonly Probe[]): void {
  it.each(rows)(`${id} %s: %s`, async (_title, want, call) => {
    expect(await outcome(call(use()))).toBe(want);
  });
}

/** The classes of `wanted` for which the call is allowed; every other one must be refused with exactly `refusal`. */
export async function reached<C extends PartitionClass>(
  refusal: string,
  classes: readonly C[],
  call: (dataClass: C) => Promise<unknown>,
): Promise<C[]> {
  const allowed: C[] = [];
  for (const dataClass of classes) {
    const result = await outcome(call(dataClass));
    if (result === "allowed") allowed.push(dataClass);
    else expect(result).toBe(refusal);
  }
  return allowed;
}
