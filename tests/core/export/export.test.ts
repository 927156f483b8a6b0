import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { DataKey, SealBroken } from "../../../core/crypto/index.ts";
import {
  fetchFile,
  listFiles,
  type OpenExport,
  readJob,
  readOpenExports,
  stepExport,
} from "../../../core/export/index.ts";
import { FILE_MAX_BYTES, fileKid, openFile, sealFile } from "../../../core/export/file-seal.ts";
import { sha256 } from "../../../core/export/files.ts";
import {
  canBecome,
  FILES_LIVE_MS,
  isOver,
  JOB_STATES,
  OPEN_PER_MEMBER,
  OPEN_PER_TENANT,
} from "../../../core/export/job.ts";
import { glanceAtOpenExports } from "../../../core/export/job-rows.ts";
import { stillStands } from "../../../core/export/judge.ts";
import { approveJob, cancelJob, checkLimits, classesInScope } from "../../../core/export/request.ts";
import { newId } from "../../../core/kernel/ids.ts";
import { TENANT_A, TENANT_B, valueOf } from "../crypto/fixtures.ts";
import { ADMIN, consent, createExportWorld, type ExportWorld, OFFICER } from "./world.ts";

let here: ExportWorld;
beforeEach(async () => {
  here = await createExportWorld();
});

const PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

const condition = (patientId: string, text: string, more: object = {}) => ({
  resourceType: "Condition",
  code: { text },
  subject: { reference: `Patient/${patientId}` },
  ...more,
});

/** Steps until the job waits or is over; gives the steps that it took. */
async function run(world: ExportWorld, jobId: string, max = 40): Promise<number> {
  for (let steps = 1; steps <= max; steps += 1) {
    if (valueOf(await stepExport(world.worker, jobId)) !== "again") return steps;
  }
  throw new Error("the job does not come to an end");
}

const readerOf = ({ privacy, files }: ExportWorld, classes = ["C", "B", "D"] as const) => ({
  privacy,
  store: files,
  classes,
});
const standingOf = async (world: ExportWorld, jobId: string) => {
  const { value: job } = await world.job(jobId);
  return valueOf(await world.worker.standing(job));
};

async function texts(world: ExportWorld, jobId: string): Promise<string> {
  const { value: job } = await world.job(jobId);
  const files = valueOf(await listFiles(readerOf(world), job));
  const standing = await standingOf(world, jobId);
  const all = await Promise.all(files.map(({ name }) => fetchFile(readerOf(world), job, standing, name)));
  return all.map((one) => Buffer.from(valueOf(one).bytes).toString("utf8")).join("\n");
}

async function clinicOfThree(world: ExportWorld): Promise<readonly string[]> {
  const ids = [await world.patient("Arden"), await world.patient("Birch"), await world.patient("Cedar")];
  for (const [index, id] of ids.entries()) await world.file(condition(id, `problem ${index}`));
  await world.file({ resourceType: "Practitioner", name: [{ family: "Healer" }] });
  return ids.toSorted();
}

describe("a job's states", () => {
  it("AT-35 what is over stays over, and nothing is approved twice", () => {
    for (const state of JOB_STATES)
      if (isOver(state)) expect(JOB_STATES.filter((to) => canBecome(state, to))).toEqual([]);
    expect(canBecome("approved", "approved")).toBe(false);
    expect(canBecome("requested", "running")).toBe(false);
    expect(canBecome("requested", "finished")).toBe(false);
  });
});

describe("a clinic's export", () => {
  it("AT-35 waits for its second person, then writes every record once, in files of one type each", async () => {
    await clinicOfThree(here);
    const { id } = await here.start();
    expect(valueOf(await stepExport(here.worker, id))).toBe("idle");
    expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["requested", 0]);
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    expect([job.state, job.progress.patients, job.progress.leftOut, job.progress.records]).toEqual([
      "finished",
      3,
      0,
      7,
    ]);
    const files = valueOf(await listFiles(readerOf(here), job));
    expect(files.map(({ type }) => type).toSorted()).toEqual(
      [
        ...Array.from({ length: 3 }, () => "Condition"),
        ...Array.from({ length: 3 }, () => "Patient"),
        "Practitioner",
      ].toSorted(),
    );
    const standing = await standingOf(here, id);
    for (const file of files) {
      const text = Buffer.from(valueOf(await fetchFile(readerOf(here), job, standing, file.name)).bytes).toString(
        "utf8",
      );
      expect(sha256(text)).toBe(file.sha256);
      expect(text.split("\n").map((line) => (JSON.parse(line) as { resourceType: string }).resourceType)).toEqual(
        Array.from({ length: file.count }, () => file.type),
      );
    }
  });

  it("TEN-11 holds what documents hold, part by part, with the digests of each part and of the whole", async () => {
    const patientId = await here.patient("Arden");
    const parts = [Buffer.alloc(FILE_MAX_BYTES, "a"), Buffer.from("the end of canary-letter")];
    const documentId = await here.document(patientId, parts);
    await here.document(patientId, [Buffer.from("nobody has looked at it")], { isPending: true });
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    const files = valueOf(await listFiles(readerOf(here), job)).filter(({ type }) => type === "Content");
    const whole = Buffer.concat(parts);
    expect(files.map(({ content, class: letter, count }) => ({ content, letter, count }))).toEqual(
      parts.map((_part, part) => ({
        content: {
          document: documentId,
          fileName: "letter.pdf",
          mediaType: "application/pdf",
          sizeBytes: whole.length,
          sha256: sha256(whole),
          part,
          parts: 2,
        },
        letter: "C",
        count: 1,
      })),
    );
    const standing = await standingOf(here, id);
    const fetched = await Promise.all(files.map(({ name }) => fetchFile(readerOf(here), job, standing, name)));
    expect(Buffer.concat(fetched.map((one) => valueOf(one).bytes)).equals(whole)).toBe(true);
    const stored = [...here.files.all.values()].map((bytes) => Buffer.from(bytes).toString("latin1")).join("");
    expect(stored).not.toContain("canary-letter");
    // Whoever does not hold the record's class gets no part of its content, and a consent taken back ends it all.
    expect(await fetchFile(readerOf(here, ["D"] as never), job, standing, files[0]?.name ?? "")).toEqual({
      ok: false,
      error: { kind: "not-found" },
    });
    await here.file(consent(patientId, "deny"));
    expect(await fetchFile(readerOf(here), job, standing, files[0]?.name ?? "")).toEqual({
      ok: false,
      error: { kind: "not-found" },
    });
  });

  it("TEN-11 a content that is gone or was exchanged ends in an alarm and in no file that lacks it", async () => {
    const patientId = await here.patient("Birch");
    await here.document(patientId, [Buffer.from("letter")]);
    here.contents.clear();
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    expect(here.world.alarms).toContainEqual({ kind: "integrity", fault: "place" });
    expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["failed", 0]);
  });

  it("POL-14 nothing of it lies in the clear, and the row that the worker glances at names no patient", async () => {
    const [first = ""] = await clinicOfThree(here);
    const { id } = await here.start({ scope: { patients: [first] } });
    await here.approve(id);
    await run(here, id);
    const stored = [...here.files.all.values()].map((bytes) => Buffer.from(bytes).toString("latin1")).join("");
    expect(stored).not.toMatch(/Arden|Birch|Cedar|problem|resourceType/);
    const rows = [...(here.world.memory.store.rows.get("data")?.values() ?? [])].filter(({ pk }) =>
      pk.endsWith("#D#JOB"),
    );
    expect(rows.length).toBe(2);
    expect(JSON.stringify(rows)).not.toContain(first);
    expect(valueOf(await glanceAtOpenExports(here.privacy))).toEqual([
      { id, by: ADMIN, state: "finished", purpose: "HOPERAT", classes: ["C", "B", "D"] },
    ]);
  });

  it("AUD-4 each chunk and each patient leaves an event, and the end says so", async () => {
    const ids = await clinicOfThree(here);
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const stored = here.events.filter(({ fate }) => fate === "stored");
    expect(new Set(stored.flatMap(({ patientId }) => patientId ?? []))).toEqual(new Set(ids));
    expect(stored.every(({ interaction, user }) => interaction === "export" && user === ADMIN)).toBe(true);
    expect(
      stored.every(({ entities }) => entities.some((entity) => entity.type === "ExportJob" && entity.id === id)),
    ).toBe(true);
    const ends = stored.filter(({ stage }) => stage === "finish");
    expect(ends.map(({ approverId, reason, count }) => [approverId, reason, count])).toEqual([
      [OFFICER, "migration", 7],
    ]);
  });

  it("AUD-9 what goes to another organization is told for each patient before it can be fetched", async () => {
    const [first = "", second = ""] = await clinicOfThree(here);
    const { id: recipient } = await here.file({ resourceType: "Organization", name: "Harbour Clinic" });
    const { id: clinic } = await here.file({ resourceType: "Organization", name: "This Clinic" });
    const organization = { reference: `Organization/${recipient}` };
    for (const id of [first, second]) {
      const actor = { role: { coding: [{ system: PARTICIPATION, code: "IRCP" }] }, reference: organization };
      const given = consent(id, "permit", { actor: [actor] });
      await here.file({ ...given, organization: [{ reference: `Organization/${clinic}` }] });
    }
    const { id } = await here.start({ scope: { recipient } });
    await here.approve(id);
    let isFinished = false;
    while (!isFinished) {
      const step = valueOf(await stepExport(here.worker, id));
      isFinished = (await here.job(id)).value.state === "finished";
      const disclosed = here.events.filter(
        ({ recipientId, entities, fate }) =>
          fate === "stored" && recipientId === recipient && entities.some(({ type }) => type === "Patient"),
      );
      if (isFinished) {
        const named = disclosed.flatMap(({ entities }) =>
          entities.flatMap((entity) => (entity.type === "Patient" ? [entity.id] : [])),
        );
        expect(new Set(named)).toEqual(new Set([first, second]));
        expect(named).toHaveLength(2);
      }
      if (step !== "again") break;
    }
    const { value: job } = await here.job(id);
    // Who did not agree to the recipient is left out.
    expect([job.state, job.progress.patients, job.progress.leftOut]).toEqual(["finished", 2, 1]);
  });
});

describe("POL-14 consent", () => {
  it("POL-14 a patient who refuses is left out of a clinic's export", async () => {
    const [first = ""] = await clinicOfThree(here);
    await here.file(consent(first, "deny"));
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    expect([job.state, job.progress.patients, job.progress.leftOut]).toEqual(["finished", 2, 1]);
    expect(await texts(here, id)).not.toContain(first);
  });

  it.each([0, 1, 2, 3, 4, 5])(
    "POL-14 a consent that is taken back after step %i stops the export and destroys what it wrote",
    async (steps) => {
      const ids = await clinicOfThree(here);
      const kept = await Promise.all(ids.map((patientId) => here.file(consent(patientId, "permit"))));
      const { id } = await here.start({ scope: { patients: [...ids] } });
      await here.approve(id);
      for (let step = 0; step < steps; step += 1) await stepExport(here.worker, id);
      const [first] = kept;
      const before = here.files.all.size;
      expect(before > 0).toBe(steps > 0);
      await here.change({ ...first, provision: { type: "deny" } }, 1);
      await run(here, id);
      const { value: job } = await here.job(id);
      expect([job.state, job.isSwept, here.files.all.size]).toEqual(["destroyed-consent", true, 0]);
      const last = here.events.filter(({ fate }) => fate === "stored").at(-1);
      expect([last?.stage, last?.outcome, last?.detail?.["state"]]).toEqual(["finish", "denied", "destroyed-consent"]);
      expect(valueOf(await readOpenExports(here.privacy)).value).toEqual([]);
    },
  );

  it("POL-14 one that is withdrawn ends it as well, and so does a finished export whose files nobody fetched yet", async () => {
    const [first = ""] = await clinicOfThree(here);
    const kept = await here.file(consent(first, "permit"));
    const { id } = await here.start({ scope: { patients: [first] } });
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    const [file] = valueOf(await listFiles(readerOf(here), job));
    const standing = await standingOf(here, id);
    expect((await fetchFile(readerOf(here), job, standing, file?.name ?? "")).ok).toBe(true);
    await here.change({ ...kept, status: "inactive" }, 1);
    // Dead at once, before the worker comes round.
    expect(await fetchFile(readerOf(here), job, standing, file?.name ?? "")).toEqual({
      ok: false,
      error: { kind: "not-found" },
    });
    await run(here, id);
    expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["destroyed-consent", 0]);
  });

  it("POL-14 a consent that runs out in the middle counts as one that was taken back", async () => {
    here = await createExportWorld("TREAT");
    here.standing.roles = ["physician"];
    const patientId = await here.patient("Dogwood");
    here.world.clock.nowMs += 1;
    const other = await here.patient("Elm");
    const until = new Date(here.world.clock.nowMs + 60_000).toISOString();
    const label = { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "42CFRPart2" };
    await here.file(
      consent(patientId, "permit", { period: { start: "2026-01-01", end: until }, securityLabel: [label] }),
    );
    const { id } = await here.start({ scope: { patients: [patientId, other] }, classes: ["C", "S", "D"] });
    await here.approve(id);
    await stepExport(here.worker, id);
    here.world.clock.nowMs += 120_000;
    await run(here, id);
    expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["destroyed-consent", 0]);
  });

  it("POL-14 a change between reading a consent and committing the chunk is met by the commit", async () => {
    const [first = ""] = await clinicOfThree(here);
    const { id } = await here.start({ scope: { patients: [first] } });
    await here.approve(id);
    const put = here.files.put.bind(here.files);
    let isDone = false;
    here.files.put = async (name, content) => {
      if (!isDone) {
        isDone = true;
        await here.file(consent(first, "deny"));
      }
      return put(name, content);
    };
    await run(here, id);
    expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["destroyed-consent", 0]);
    expect(here.events.filter(({ fate }) => fate === "refused").length).toBeGreaterThan(0);
  });

  it("POL-14 a hold that restricts stops it; a further permit does not", () => {
    const permit = (id: string) =>
      ({
        format: 1,
        id,
        version: 1,
        patientId: "p",
        isActive: true,
        issuedAtMs: 0,
        rule: { effect: "permit" },
      }) as const;
    const deny = { ...permit("n"), rule: { effect: "permit", exceptions: [{ effect: "deny" }] } } as const;
    const protection = (consents: readonly object[]) =>
      ({ patientId: "p", version: 2, consents }) as unknown as Parameters<typeof stillStands>[1];
    const verdict = (classes: readonly string[]) => ({ classes }) as unknown as Parameters<typeof stillStands>[2];
    const taken = { consents: ["a:1"], classes: "CD" };
    expect(stillStands(taken, protection([permit("a")]), verdict(["C", "D"]))).toBe(true);
    expect(stillStands(taken, protection([permit("a"), permit("b")]), verdict(["C", "D"]))).toBe(true);
    expect(stillStands(taken, protection([permit("a"), deny]), verdict(["C", "D"]))).toBe(false);
    expect(stillStands(taken, protection([permit("b")]), verdict(["C", "D"]))).toBe(false);
    expect(stillStands(taken, protection([{ ...permit("a"), version: 2 }]), verdict(["C", "D"]))).toBe(false);
    expect(stillStands(taken, protection([permit("a")]), verdict(["D"]))).toBe(false);
  });
});

describe("POL-14 standing", () => {
  it.each([
    ["loses the role", { roles: ["front-desk"] }],
    ["is disabled", { lost: "gone" }],
    ["belongs to a clinic that is suspended", { lost: "suspended" }],
  ] as const)(
    "POL-14 an export whose requester %s is destroyed, running and finished alike",
    async (_title, change) => {
      for (const steps of [2, 20]) {
        here = await createExportWorld();
        await clinicOfThree(here);
        const { id } = await here.start();
        await here.approve(id);
        for (let step = 0; step < steps; step += 1) await stepExport(here.worker, id);
        expect(here.files.all.size).toBeGreaterThan(0);
        Object.assign(here.standing, change);
        await run(here, id);
        expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["destroyed-standing", 0]);
      }
    },
  );

  it("POL-14 a registry that does not answer stops nothing and shows nothing", async () => {
    await clinicOfThree(here);
    const { id } = await here.start();
    await here.approve(id);
    here.standing.lost = "unavailable";
    expect(await stepExport(here.worker, id)).toEqual({ ok: false, error: { kind: "unavailable" } });
    expect((await here.job(id)).value.state).toBe("approved");
  });
});

describe("REL a crash", () => {
  it.each(["put", "destroy"])(
    "AT-35 killed at %s in any chunk, the next run ends with the same files",
    async (call) => {
      await clinicOfThree(here);
      const whole = await here.start();
      await here.approve(whole.id);
      await run(here, whole.id);
      const expected = (await texts(here, whole.id)).split("\n").toSorted();
      for (const name of here.files.all.keys()) here.files.all.delete(name);
      const { id } = await here.start();
      await here.approve(id);
      for (let step = 0; step < 12; step += 1) {
        here.files.failAt(call);
        await stepExport(here.worker, id).catch(() => undefined);
        await stepExport({ ...here.worker, manifests: new Map() }, id).catch(() => undefined);
      }
      await run(here, id);
      expect((await here.job(id)).value.state).toBe("finished");
      expect((await texts(here, id)).split("\n").toSorted()).toEqual(expected);
      // What the broken attempts left is gone.
      const { value: job } = await here.job(id);
      const named = valueOf(await listFiles(readerOf(here), job)).length + job.progress.chunks;
      expect(here.files.all.size).toBe(named);
    },
  );

  it("AT-35 two workers at once write each record once", async () => {
    await clinicOfThree(here);
    const { id } = await here.start();
    await here.approve(id);
    for (let step = 0; step < 12; step += 1) {
      await Promise.all([stepExport(here.worker, id), stepExport({ ...here.worker, manifests: new Map() }, id)]);
    }
    const { value: job } = await here.job(id);
    expect([job.state, job.progress.records]).toEqual(["finished", 7]);
    const lines = (await texts(here, id)).split("\n");
    expect(new Set(lines).size).toBe(7);
  });
});

describe("AT-35 what ends an export", () => {
  it("AT-35 a cancelled export gives no file from that write on, and the worker destroys them", async () => {
    await clinicOfThree(here);
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const before = await here.job(id);
    const [file] = valueOf(await listFiles(readerOf(here), before.value));
    const open = valueOf(await readOpenExports(here.privacy));
    const marks = { eventId: newId(here.world.clock.now()) };
    valueOf(await here.privacy.table.transactWrite(valueOf(await cancelJob(here.privacy, before, open, marks)).writes));
    const { value: job } = await here.job(id);
    const standing = await standingOf(here, id);
    expect(await fetchFile(readerOf(here), job, standing, file?.name ?? "")).toEqual({
      ok: false,
      error: { kind: "not-found" },
    });
    expect(valueOf(await stepExport(here.worker, id))).toBe("over");
    expect([(await here.job(id)).value.isSwept, here.files.all.size]).toEqual([true, 0]);
    expect(valueOf(await stepExport(here.worker, id))).toBe("over");
  });

  it("AT-35 files stand for 24 hours, a request for 72", async () => {
    await clinicOfThree(here);
    const waiting = await here.start();
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    here.world.clock.nowMs += FILES_LIVE_MS;
    expect(await listFiles(readerOf(here), job)).toEqual({ ok: false, error: { kind: "not-found" } });
    await run(here, id);
    expect([(await here.job(id)).value.state, here.files.all.size]).toEqual(["expired", 0]);
    here.world.clock.nowMs += 2 * FILES_LIVE_MS;
    await run(here, waiting.id);
    expect((await here.job(waiting.id)).value.state).toBe("expired");
  });

  it("AT-35 a file that was tampered with or swapped fails the fetch with an alarm", async () => {
    await clinicOfThree(here);
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    const files = valueOf(await listFiles(readerOf(here), job));
    const [one, other] = files;
    const standing = await standingOf(here, id);
    here.files.all.set(one?.name ?? "", here.files.all.get(other?.name ?? "") ?? new Uint8Array());
    expect(await fetchFile(readerOf(here), job, standing, one?.name ?? "")).toEqual({
      ok: false,
      error: { kind: "integrity" },
    });
    expect(here.world.alarms).toContainEqual({ kind: "integrity", fault: "attribute" });
  });

  it("AT-35 a file of a class that the requester does not hold any more is no file", async () => {
    await clinicOfThree(here);
    const { id } = await here.start();
    await here.approve(id);
    await run(here, id);
    const { value: job } = await here.job(id);
    const clinical = valueOf(await listFiles(readerOf(here), job)).find((file) => file.class === "C");
    const reader = { ...readerOf(here), classes: ["D"] as const };
    const standing = await standingOf(here, id);
    expect(await fetchFile(reader, job, standing, clinical?.name ?? "")).toEqual({
      ok: false,
      error: { kind: "not-found" },
    });
  });
});

describe("AT-35 asking", () => {
  it("AT-35 who asked does not approve, and nothing but what was asked for is approved", async () => {
    const { id } = await here.start();
    const opened = await here.job(id);
    const open = valueOf(await readOpenExports(here.privacy));
    const marks = { eventId: newId(here.world.clock.now()) };
    const approveAs = (userId: typeof ADMIN, job = opened) => approveJob(here.privacy, job, open, { userId }, marks);
    expect(await approveAs(ADMIN)).toMatchObject({ ok: false, error: { rule: "second-person" } });
    const wider = { ...opened, value: { ...opened.value, classes: ["C", "S", "B", "D"] as const } };
    expect(await approveAs(OFFICER, wider as unknown as typeof opened)).toMatchObject({
      ok: false,
      error: { rule: "approval-other" },
    });
    here.world.clock.nowMs += 73 * 3_600_000;
    expect(await approveAs(OFFICER)).toMatchObject({ ok: false, error: { rule: "approval-expired" } });
  });

  it("AT-35 limits for a member and for a clinic", () => {
    const entry = (by: string, state: "requested" | "finished"): OpenExport => ({
      id: newId(1),
      by,
      state,
      purpose: "HOPERAT",
      classes: ["D"],
    });
    const many = (count: number, by: string, state: "requested" | "finished" = "requested"): OpenExport[] =>
      Array.from({ length: count }, () => entry(by, state));
    expect(checkLimits(many(OPEN_PER_MEMBER - 1, ADMIN), ADMIN).ok).toBe(true);
    expect(checkLimits(many(OPEN_PER_MEMBER, ADMIN), ADMIN)).toEqual({
      ok: false,
      error: { kind: "business-rule", rule: "export-limit" },
    });
    expect(checkLimits(many(OPEN_PER_MEMBER, ADMIN), OFFICER).ok).toBe(true);
    expect(checkLimits(many(50, ADMIN, "finished"), ADMIN).ok).toBe(true);
    expect(
      checkLimits(
        Array.from({ length: OPEN_PER_TENANT }, () => entry(newId(1), "requested")),
        ADMIN,
      ).ok,
    ).toBe(false);
  });

  it("AT-35 of two that start at the same moment over one list, one is written", async () => {
    const both = await Promise.allSettled([here.start(), here.start()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(valueOf(await readOpenExports(here.privacy)).value).toHaveLength(1);
  });

  it("AT-35 a scope that is wider than the role is refused", async () => {
    const [first = "", second = ""] = await clinicOfThree(here);
    const ask = async (
      roles: readonly string[],
      purpose: "HOPERAT" | "TREAT" | "HPAYMT" | "HRESCH" | "PATRQT",
      scope: object,
      own?: string,
    ) => {
      here.standing.roles = roles;
      const { principal, privacy } = valueOf(await here.worker.standing({} as never));
      const who = { privacy, principal: { ...principal, ...(own !== undefined && { patientId: own }) } };
      const answer = await classesInScope(here.privacy, who, purpose, scope);
      return answer.ok ? answer.value.classes.join("") : answer.error.kind;
    };
    expect(await ask(["clinic-administrator"], "HOPERAT", {})).toBe("CBD");
    expect(await ask(["clinic-administrator"], "HOPERAT", { types: ["Condition"] })).toBe("CBD");
    expect(await ask(["clinic-administrator"], "HOPERAT", { types: ["Nothing"] })).toBe("forbidden");
    expect(await ask(["clinic-administrator"], "TREAT", {})).toBe("refused");
    expect(await ask(["physician"], "TREAT", {})).toBe("refused");
    expect(await ask(["physician"], "TREAT", { patients: [first] })).toBe("CBD");
    expect(await ask(["physician"], "HRESCH", { patients: [first] })).toBe("refused");
    expect(await ask(["front-desk"], "HOPERAT", { patients: [first] })).toBe("refused");
    expect(await ask(["billing"], "HPAYMT", { patients: [first] })).toBe("refused");
    expect(await ask(["nurse"], "TREAT", { patients: [first] })).toBe("refused");
    expect(await ask(["patient"], "PATRQT", { patients: [first] }, first)).toBe("CSBD");
    expect(await ask(["patient"], "PATRQT", { patients: [first, second] }, first)).toBe("refused");
    expect(await ask(["physician"], "TREAT", { patients: ["01hxy0000000000000000000zz"] })).toBe("not-found");
    expect(await ask(["physician"], "TREAT", { patients: [first, "01hxy0000000000000000000zz"] })).toBe("not-found");
    await here.file(consent(second, "deny"));
    expect(await ask(["clinic-administrator"], "HOPERAT", { patients: [first, second] })).toBe("refused");
    here.standing.relationship = "required";
    expect(await ask(["physician"], "TREAT", { patients: [first] })).toBe("BD");
  });

  it("AT-12 an id of another clinic, an unknown one and what is no id are one answer", async () => {
    const { id } = await here.start();
    const keyScope = { ...here.privacy.keyScope, tenantId: TENANT_B };
    const foreign = { ...here.privacy, tenantId: TENANT_B, keyScope };
    expect(await readJob(foreign, id)).toEqual({ ok: false, error: { kind: "not-found" } });
    expect(await readJob(here.privacy, newId(1))).toEqual({ ok: false, error: { kind: "not-found" } });
    expect(await readJob(here.privacy, "OPEN")).toEqual({ ok: false, error: { kind: "not-found" } });
  });
});

describe("KEY-4 sealed files", () => {
  const key = (tenantId = TENANT_A, dataClass: "C" | "D" = "C", seed = 7) =>
    new DataKey(tenantId, dataClass, 1, new Uint8Array(32).fill(seed));
  const place = { tenantId: TENANT_A, jobId: "j", name: "n", dataClass: "C" } as const;

  it("KEY-4 any text comes back, and only at its own place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 2_000 }), (text) => {
        const sealed = sealFile(text, place, key());
        expect(openFile(sealed, place, key()).toString("utf8")).toBe(text);
        for (const moved of [{ jobId: "k" }, { name: "m" }]) {
          expect(() => openFile(sealed, { ...place, ...moved }, key())).toThrow(SealBroken);
        }
        expect(() => openFile(sealed, place, key(TENANT_A, "C", 8))).toThrow(SealBroken);
        expect(() => fileKid(sealed, "D")).toThrow(SealBroken);
      }),
      { numRuns: 50 },
    );
  });

  it("KEY-4 no flipped byte is taken, and no file is over its limit", () => {
    const sealed = sealFile("one resource a line\n".repeat(40), place, key());
    for (let at = 0; at < sealed.length; at += 1) {
      const broken = Uint8Array.from(sealed);
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(() => openFile(broken, place, key())).toThrow(SealBroken);
    }
    expect(() => openFile(sealed.subarray(0, 60), place, key())).toThrow(SealBroken);
    expect(() => sealFile("x".repeat(FILE_MAX_BYTES + 1), place, key())).toThrow("1 MiB");
    expect(openFile(sealFile("x".repeat(FILE_MAX_BYTES - 5), place, key()), place, key())).toHaveLength(
      FILE_MAX_BYTES - 5,
    );
  });
});
