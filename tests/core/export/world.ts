import { createHash, randomBytes } from "node:crypto";
import { type KeyScope, sealContent } from "../../../core/crypto/index.ts";
import { contentPlace } from "../../../core/document/content-place.ts";
import { documentIn, newDocument, withFindings } from "../../../core/document/document-resource.ts";
import type { FhirResource } from "../../../core/fhir/index.ts";
import { NO_PROGRESS, type ExportJob, type ExportWorker } from "../../../core/export/index.ts";
import type { FileStore } from "../../../core/export/files.ts";
import { changeJob, type Opened, readJob, readOpenExports } from "../../../core/export/job-rows.ts";
import type { StandingLost } from "../../../core/export/worker.ts";
import { approveJob, startJob } from "../../../core/export/request.ts";
import type { Principal } from "../../../core/identity/principal.ts";
import type { RecordClass } from "../../../core/kernel/data-class.ts";
import { newId, type UserId } from "../../../core/kernel/ids.ts";
import { err, ok, type Result } from "../../../core/kernel/result.ts";
import { releaseAt } from "../../../core/portal/index.ts";
import { FIRST_SETTINGS } from "../../../core/portal/settings.ts";
import type { PrivacyDeps } from "../../../core/privacy/index.ts";
import {
  type AuditSink,
  createCommittedTransactions,
  type RecordEvent,
  resourceOf,
} from "../../../core/record/index.ts";
import { outboxKey, type TableWrite } from "../../../core/table/index.ts";
import { TENANT_A, valueOf } from "../crypto/fixtures.ts";
import { createWorld, grantOf, resource, type World } from "../record/world.ts";

export const ADMIN = "01hxyadm000000000000000000" as UserId;
export const OFFICER = "01hxyadm000000000000000001" as UserId;

/** Files of one job in memory. A crash can be planned between any two of its calls. */
export function memoryFiles(): FileStore & { readonly all: Map<string, Uint8Array>; failAt: (call: string) => void } {
  const all = new Map<string, Uint8Array>();
  let planned: string | undefined;
  const meet = (call: string): void => {
    if (planned !== call) return;
    planned = undefined;
    throw new Error(`killed at ${call}`);
  };
  return {
    all,
    failAt: (call) => {
      planned = call;
    },
    put(name, content) {
      meet("put");
      if (all.has(name)) throw new Error("a name is written once");
      all.set(name, content);
      return Promise.resolve();
    },
    get: (name) => Promise.resolve(all.get(name)),
    list: () => Promise.resolve([...all.keys()]),
    destroy(names) {
      meet("destroy");
      for (const name of names) all.delete(name);
      return Promise.resolve();
    },
  };
}

export type Told = RecordEvent & { readonly user: string; readonly roles: readonly string[]; fate: string };

export interface ExportWorld {
  readonly world: World;
  readonly worker: ExportWorker;
  readonly files: ReturnType<typeof memoryFiles>;
  readonly events: Told[];
  readonly privacy: PrivacyDeps;
  /** What the registry says of the requester. */
  standing: { roles: readonly string[]; lost?: StandingLost["kind"]; relationship: "open" | "required" };
  patient(family: string): Promise<string>;
  file(value: object): Promise<FhirResource & { id: string }>;
  /** A document of a patient's with sealed parts, found clean unless it is to wait for that. */
  document(patientId: string, parts: readonly Uint8Array[], options?: { isPending?: boolean }): Promise<string>;
  /** Objects of documents, by their names. */
  readonly contents: Map<string, Uint8Array>;
  change(value: object, version: number): Promise<void>;
  start(more?: Partial<ExportJob>): Promise<ExportJob>;
  approve(jobId: string): Promise<void>;
  job(jobId: string): Promise<Opened<ExportJob>>;
  write(before: Opened<ExportJob>, job: ExportJob): Promise<void>;
}

const principalOf = (roles: readonly string[]): Principal => ({
  kind: "user",
  userId: ADMIN,
  tenantId: TENANT_A,
  roles,
  assurance: "aal2",
  sessionId: "s",
  clientId: "portal",
});

export async function createExportWorld(purpose: ExportJob["purpose"] = "HOPERAT"): Promise<ExportWorld> {
  const world = await createWorld();
  const { clock, table, keyring } = world;
  const events: Told[] = [];
  const classes: readonly RecordClass[] = ["C", "S", "B", "D"];
  const keyScope: KeyScope = {
    tenantId: TENANT_A,
    purpose,
    credentialsId: "job",
    classes: [...classes, "X"],
    epoch: 1,
  };
  const privacy: PrivacyDeps = {
    table,
    keyring,
    keyScope,
    tenantId: TENANT_A,
    clock,
    onAlarm: (alarm) => world.alarms.push(alarm),
  };
  const standing: ExportWorld["standing"] = { roles: ["clinic-administrator"], relationship: "open" };
  const files = memoryFiles();
  const contents = new Map<string, Uint8Array>();

  const sinkFor = (principal: Principal): AuditSink => {
    const insertion = (event: RecordEvent) => {
      const eventId = newId(clock.now());
      const row = { ...outboxKey(TENANT_A, "2026-11-22", eventId), event: JSON.stringify(event) };
      const told: Told = { ...event, user: principal.userId, roles: principal.roles, fate: "open" };
      events.push(told);
      const write: TableWrite = { kind: "put", table: "outbox", row, condition: { kind: "absent" } };
      return { eventId, write, told };
    };
    return {
      draft(_grant, event) {
        const { eventId, write, told } = insertion(event);
        return Promise.resolve(
          ok({
            eventId,
            write,
            settle: (fate) => {
              told.fate = fate;
            },
          }),
        );
      },
      async record(_grant, event, guards = []) {
        const { write, told } = insertion(event);
        const done = await table.transactWrite([write, ...guards]);
        told.fate = done.ok ? "stored" : "refused";
        return done.ok ? ok(undefined) : err({ kind: done.error.kind === "conflict" ? "conflict" : "unavailable" });
      },
    };
  };

  const worker: ExportWorker = {
    privacy,
    release: () => Promise.resolve(ok(releaseAt({ rules: FIRST_SETTINGS.release, nowMs: clock.now(), zone: "UTC" }))),
    store: files,
    contents: { get: (name) => Promise.resolve(contents.get(name)) },
    newId: (nowMs) => newId(nowMs),
    onAlarm: (alarm) => world.alarms.push(alarm),
    committed: createCommittedTransactions(),
    manifests: new Map(),
    standing: (): Promise<
      | Result<never, StandingLost>
      | {
          ok: true;
          value: { principal: Principal; privacy: { relationship: "open" | "required"; privacyOfficers: string[] } };
        }
    > =>
      Promise.resolve(
        standing.lost === undefined
          ? ok({
              principal: principalOf(standing.roles),
              privacy: { relationship: standing.relationship, privacyOfficers: [] },
            })
          : err({ kind: standing.lost }),
      ),
    audit: sinkFor,
    patientsPerChunk: 1,
  };
  const records = world.for(grantOf({ classes }));

  return {
    world,
    worker,
    files,
    events,
    privacy,
    standing,
    async patient(family) {
      const written = valueOf(
        await records.create(
          grantOf({ classes }),
          resource({ resourceType: "Patient", name: [{ family }], birthDate: "1980-02-29" }),
        ),
      );
      return written.version.id;
    },
    async file(value) {
      const written = valueOf(await records.create(grantOf({ classes }), resource(value)));
      return JSON.parse(written.version.text ?? "") as FhirResource & { id: string };
    },
    contents,
    async document(patientId, bytes, { isPending = false } = {}) {
      const grant = grantOf({ classes });
      const id = `${patientId}.${newId(clock.now())}`;
      const key = valueOf(await keyring.sealingKey(keyScope, "C"));
      const contentSecret = randomBytes(32);
      const sizeBytes = bytes.reduce((sum, part) => sum + part.length, 0);
      const names = bytes.map((part, index) => {
        const name = createHash("sha256").update(`${id} ${index}`).digest("hex");
        const at = { edition: 1, part: index, parts: bytes.length, sizeBytes };
        contents.set(`C/${name}`, sealContent(part, contentPlace(TENANT_A, id, "C", at), key, contentSecret));
        return name;
      });
      const content = {
        edition: 1,
        fileName: "letter.pdf",
        mediaType: "application/pdf",
        sizeBytes,
        parts: names,
        sealedIn: "C",
        scan: "pending",
        findings: [],
        filedAt: "2026-11-20T08:00:00.000Z",
        author: undefined,
      } as const;
      const facts = { type: "letter", title: "Letter", patientId } as const;
      const made = resource(newDocument(facts, content, { userId: ADMIN, name: "Admin", roles: ["physician"] }));
      const filed = valueOf(
        await records.create(grant, made, {
          id,
          documentWrites: ["file"],
          contentSecret: contentSecret.toString("hex"),
        }),
      );
      const document = documentIn(resourceOf(filed.version));
      if (document === undefined) throw new Error("what was filed as a document reads as one");
      const clean = resource(withFindings(document, "clean", []));
      if (!isPending) valueOf(await records.update(grant, clean, { ifMatch: 1, documentWrites: ["rule"] }));
      return id;
    },
    async change(value, version) {
      valueOf(await records.update(grantOf({ classes }), resource(value), { ifMatch: version }));
    },
    async start(more = {}) {
      const nowMs = clock.now();
      const job: ExportJob = {
        id: newId(nowMs),
        state: "requested",
        requestedBy: ADMIN,
        clientId: "portal",
        kind: "user",
        purpose,
        scope: {},
        classes: ["C", "B", "D"],
        reason: { code: "migration", text: "moving to another system" },
        requestedAtMs: nowMs,
        expiresAtMs: nowMs + 72 * 3_600_000,
        progress: NO_PROGRESS,
        isSwept: false,
        ...more,
      };
      const open = valueOf(await readOpenExports(privacy));
      const change = valueOf(await startJob(privacy, job, open, { userId: ADMIN }, { eventId: newId(nowMs) }));
      valueOf(await table.transactWrite(change.writes));
      return job;
    },
    async approve(jobId) {
      const opened = valueOf(await readJob(privacy, jobId));
      const open = valueOf(await readOpenExports(privacy));
      const marks = { eventId: newId(clock.now()) };
      const change = valueOf(await approveJob(privacy, opened, open, { userId: OFFICER }, marks));
      valueOf(await table.transactWrite(change.writes));
    },
    job: async (jobId) => valueOf(await readJob(privacy, jobId)),
    async write(before, job) {
      const open = valueOf(await readOpenExports(privacy));
      const writes = valueOf(await changeJob(privacy, before, job, open, newId(clock.now())));
      valueOf(await table.transactWrite(writes));
    },
  };
}

/** Consent to nothing of the clinic's routine: a refusal of one class, by the patient. */
export const consent = (patientId: string, type: "permit" | "deny", more: object = {}): object => ({
  resourceType: "Consent",
  status: "active",
  scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "patient-privacy" }] },
  category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }],
  patient: { reference: `Patient/${patientId}` },
  dateTime: "2026-01-01T00:00:00Z",
  policyRule: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentpolicycodes", code: "hipaa-auth" }] },
  provision: { type, ...more },
});
