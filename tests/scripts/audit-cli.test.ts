import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { generateKeyPairSync, sign } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { parseCheckpoint } from "../../core/audit/checkpoint.ts";
import { cosign, formatCosignerKey } from "../../core/audit/cosignature.ts";
import { cosignedKey, eventsPrefix, sealsPrefix } from "../../core/audit/layout.ts";
import { formatVerifierKey, rawEd25519 } from "../../core/audit/note.ts";
import { holds, parseProof, proofOf } from "../../core/audit/proof.ts";
import { receiptOf } from "../../core/audit/receipt.ts";
import { leavesOf, parseSeal } from "../../core/audit/seal.ts";
import { createSealer } from "../../core/audit/sealer.ts";
import { createAuditWriter, type Draft } from "../../core/audit/writer.ts";
import { registerAudit } from "../../scripts/cli/commands/audit.ts";
import { CliFailure } from "../../scripts/cli/failure.ts";
import { createOutput } from "../../scripts/cli/output.ts";
import { benchArchive } from "../../scripts/bench/archive.ts";
import { onDisk } from "../core/audit/archive-on-disk.ts";
import { facts, logKey, memoryArchive, ORIGIN, putBatch, signText, TENANT } from "../core/audit/fixtures.ts";

const START = Date.UTC(2026, 10, 22, 8);
const pair = generateKeyPairSync("ed25519");
const witnessKey = { name: "keyward-test-c01-witness", publicKey: rawEd25519(pair.publicKey) };

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

let disk: ReturnType<typeof onDisk>;
const drafts: Draft[] = [];
const archive = memoryArchive();
let keys: { readonly log: string; readonly witness: string };

beforeAll(async () => {
  let now = START;
  const clock = { now: () => now };
  const writer = createAuditWriter(clock);
  const sealer = createSealer({ store: archive, clock, sign: signText, logKey, originOf: () => ORIGIN });
  for (let minute = 0; minute < 6; minute += 1) {
    const some = Array.from({ length: 100 }, (_, index) => {
      const draft = writer.draft(facts({ request: `m${minute}-${index}` }));
      writer.settle(draft, "stored");
      return draft;
    });
    drafts.push(...some);
    await sealer.add(TENANT, [await putBatch(archive, now, some)]);
    now += 60_000;
  }
  const newest = must(parseSeal(must(archive.objects.get(must((await archive.list(sealsPrefix(TENANT), 1))[0])))));
  const signBytes = (bytes: Uint8Array) => Promise.resolve(sign(null, bytes, pair.privateKey));
  await archive.create(cosignedKey(TENANT, 0), await cosign(newest.checkpoint, witnessKey, now, signBytes));
  await archive.create("v1/log/verifier-key", `${formatVerifierKey(logKey)}\n`);
  disk = onDisk(archive);
  keys = {
    log: disk.put("log.key", `${formatVerifierKey(logKey)}\n`),
    witness: disk.put("witness.key", `${formatCosignerKey(witnessKey)}\n`),
  };
  vi.stubEnv("KEYWARD_PROFILE", "/nowhere/at/all");
});

afterEach(() => (process.exitCode = undefined));
afterAll(() => {
  disk.close();
  vi.unstubAllEnvs();
});

/** What `keyward audit ...` prints, and its exit code. */
async function keyward(...words: readonly string[]): Promise<{ readonly text: string; readonly exitCode: unknown }> {
  const printed: string[] = [];
  process.exitCode = undefined;
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    const program = new Command("keyward").exitOverride();
    registerAudit(
      program,
      createOutput(() => words.includes("--json")),
    );
    await program.parseAsync(["audit", ...words.filter((word) => word !== "--json")], { from: "user" });
    return { text: printed.join(""), exitCode: process.exitCode };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return { text: error.message, exitCode: error.exitCode };
  } finally {
    write.mockRestore();
  }
}

describe("keyward audit verify", () => {
  it.each(["0", "2"])("PROOF-3 passes a folder with two keys and nothing else, on %s threads", async (threads) => {
    const said = await keyward(
      "verify",
      disk.folder,
      "--log-key",
      keys.log,
      "--witness-key",
      keys.witness,
      "--threads",
      threads,
    );
    expect(said.text).toContain(
      `ok   ${TENANT}  600 events, 6 objects, 6 seals, 1 writers; the witness vouches for 600`,
    );
    expect(said.exitCode).toBeUndefined();
  });

  it("PROOF-3 names the first bad event, says what to do, and ends with 5", async () => {
    const key = must((await archive.list(eventsPrefix(TENANT)))[2]);
    const file = path.join(disk.folder, key);
    const original = readFileSync(file, "utf8");
    const lines = original.split("\n");
    const bad = must(lines[41]);
    writeFileSync(file, lines.with(41, bad.replace('"outcome":"success"', '"outcome":"denied"')).join("\n"));
    try {
      const id = (JSON.parse(bad) as { id: string }).id;
      const said = await keyward("verify", disk.folder, "--log-key", keys.log);
      expect(said.text).toContain(`FAIL ${TENANT}`);
      expect(said.text).toContain(`first bad place: ${id}`);
      expect(said.text).toContain("Its oldest version in the bucket is the original");
      expect(said.exitCode).toBe(5);
      const json = JSON.parse((await keyward("verify", disk.folder, "--log-key", keys.log, "--json")).text) as {
        findings: unknown[];
      }[];
      expect(json[0]?.findings[0]).toMatchObject({ kind: "object-altered", where: key, event: id });
    } finally {
      writeFileSync(file, original);
    }
  });

  it("PROOF-3 an anchor that the clinic kept finds what was cut off", async () => {
    const anchor = disk.put("kept.txt", (await keyward("anchor", disk.folder, "--tenant", TENANT)).text);
    expect(parseCheckpoint(readFileSync(anchor, "utf8").split("\n\n")[0] + "\n")?.size).toBe(600);
    const pass = await keyward("verify", disk.folder, "--log-key", keys.log, "--anchor", anchor);
    expect([pass.exitCode, pass.text.includes("your anchor for 600")]).toEqual([undefined, true]);
    const cut = memoryArchive();
    for (const [key, content] of archive.objects) cut.objects.set(key, content);
    for (const key of [...cut.objects.keys()]
      .filter((each) => each.startsWith(sealsPrefix(TENANT)))
      .toSorted()
      .slice(0, 2)) {
      for (const object of must(parseSeal(must(cut.objects.get(key)))).objects) cut.objects.delete(object.key);
      cut.objects.delete(key);
    }
    const shorter = onDisk(cut);
    try {
      const said = await keyward("verify", shorter.folder, "--log-key", keys.log, "--anchor", anchor);
      expect([said.exitCode, said.text.includes("log-truncated  kept.txt")]).toEqual([5, true]);
      expect((await keyward("verify", shorter.folder, "--log-key", keys.log)).exitCode).toBeUndefined();
    } finally {
      shorter.close();
    }
  });

  it("says in one sentence what a wrong key, folder or anchor is", async () => {
    expect((await keyward("verify", disk.folder, "--log-key", "nonsense")).text).toContain(
      "--log-key is a verifier key line",
    );
    expect((await keyward("verify", disk.folder, "--log-key", keys.witness)).exitCode).toBe(2);
    expect((await keyward("verify", "/nowhere/at/all", "--log-key", keys.log)).text).toBe("that folder does not exist");
    expect((await keyward("verify", disk.folder, "--log-key", keys.log, "--anchor", keys.log)).exitCode).toBe(2);
  });

  it("AW-17 a seal that names a file outside the folder reads none", async () => {
    const [key = ""] = await archive.list(sealsPrefix(TENANT), 1);
    const seal = must(parseSeal(must(archive.objects.get(key))));
    const outside = { ...seal, objects: [{ ...must(seal.objects[0]), key: "../log.key" }] };
    const planted = memoryArchive();
    for (const [name, content] of archive.objects) planted.objects.set(name, content);
    planted.objects.set(key, Buffer.from(JSON.stringify(outside)));
    const there = onDisk(planted);
    try {
      const said = await keyward("verify", there.folder, "--log-key", keys.log);
      expect(said.text).toContain("object-missing  ../log.key");
    } finally {
      there.close();
    }
  });
});

describe("keyward audit receipt", () => {
  it("PROOF-3 proves that the event of a receipt is in the log, in the C2SP format, and nothing else", async () => {
    for (const number of [0, 255, 256, 599]) {
      const { event, line } = must(drafts[number]);
      const out = path.join(disk.root, `${number}.tlog-proof`);
      const receipt = receiptOf(event.id, line);
      const asked = ["receipt", disk.folder, receipt, "--log-key", keys.log, "--witness-key", keys.witness];
      const said = await keyward(...asked, "--out", out);
      expect(said.text).toContain(`ok  event ${event.id} is number ${number} of the log of ${TENANT}`);
      const proof = must(parseProof(readFileSync(out, "utf8")));
      const given = { origin: ORIGIN, logKey, witnessKey };
      expect(holds(proof, line, given)).toBe(true);
      expect(holds(proof, must(drafts[number === 0 ? 1 : 0]).line, given)).toBe(false);
      expect(holds({ ...proof, index: number === 0 ? 1 : number - 1 }, line, given)).toBe(false);
      expect(holds(proof, line, { ...given, witnessKey: { ...witnessKey, publicKey: logKey.publicKey } })).toBe(false);
      expect(holds(proof, line, { ...given, origin: "another" })).toBe(false);
      expect(parseProof(readFileSync(out, "utf8").replace("index", "place"))).toBeUndefined();
    }
  });

  it("finds a receipt of no event here, and one whose event was changed after it was given", async () => {
    const { event } = must(drafts[3]);
    const other = await keyward("receipt", disk.folder, `${event.id}.${"0".repeat(32)}`, "--log-key", keys.log);
    expect([other.exitCode, other.text]).toEqual([5, expect.stringContaining("no event here has that id and hash")]);
    expect((await keyward("receipt", disk.folder, "nonsense", "--log-key", keys.log)).exitCode).toBe(2);
  });

  it("AUD-4 an event that is in an object and not in the signed log is not proved", async () => {
    const key = must((await archive.list(sealsPrefix(TENANT), 1))[0]);
    const seal = must(parseSeal(must(archive.objects.get(key))));
    const { event, line } = must(drafts[550]);
    const file = path.join(disk.folder, key);
    const original = readFileSync(file);
    const leaves = leavesOf(seal).map((leaf, index) => (index === 30 ? Buffer.alloc(32) : leaf));
    writeFileSync(file, JSON.stringify({ ...seal, leaves: Buffer.concat(leaves).toString("base64") }));
    try {
      const said = await keyward("receipt", disk.folder, receiptOf(event.id, line), "--log-key", keys.log);
      expect([said.exitCode, said.text]).toEqual([5, expect.stringContaining("the signed log does not")]);
    } finally {
      writeFileSync(file, original);
    }
    expect(await proofOf(archive, TENANT, "not a line")).toBeUndefined();
  });
});

describe("keyward audit export", () => {
  it("AUD-11 writes a period that opens in a spreadsheet and verifies offline with the auditor's key", async () => {
    for (const format of ["csv", "ndjson", "fhir"]) {
      const out = path.join(disk.root, `export-${format}`);
      const period = ["--from", "2026-11-22T08:01:00Z", "--to", "2026-11-22T08:04:00Z"];
      const done = await keyward(
        "export",
        disk.folder,
        "--tenant",
        TENANT,
        ...period,
        "--format",
        format,
        "--out",
        out,
      );
      expect(done.text).toContain(`300 events of ${TENANT}`);
      const checked = await keyward("verify", out, "--log-key", keys.log, "--witness-key", keys.witness);
      expect([checked.exitCode, checked.text]).toEqual([
        undefined,
        expect.stringContaining("300 events are in the signed log"),
      ]);
      const file = path.join(out, format === "fhir" ? "events.fhir.ndjson" : `events.${format}`);
      writeFileSync(file, readFileSync(file, "utf8").replace("m2-50", "m2-51"));
      expect((await keyward("verify", out, "--log-key", keys.log)).exitCode).toBe(5);
      rmSync(path.join(out, "trail"), { recursive: true });
      expect((await keyward("verify", out, "--log-key", keys.log)).exitCode).toBe(5);
    }
  });

  it("refuses a period without events, one that ends before it begins, and a folder that is in use", async () => {
    const out = path.join(disk.root, "none");
    const tenant = ["--tenant", TENANT, "--out", out];
    expect(
      (await keyward("export", disk.folder, ...tenant, "--from", "2026-11-20", "--to", "2026-11-21")).text,
    ).toContain("no sealed event");
    expect(
      (await keyward("export", disk.folder, ...tenant, "--from", "2026-11-21", "--to", "2026-11-20")).exitCode,
    ).toBe(2);
    const used = ["--tenant", TENANT, "--out", disk.folder, "--from", "2026-11-22", "--to", "2026-11-23"];
    expect((await keyward("export", disk.folder, ...used)).text).toContain("not empty");
  });
});

describe("PROOF-3 the bench at a size that a test has time for", () => {
  it("PROOF-3 builds and verifies twenty thousand events on two threads", async () => {
    const figures = await benchArchive(20_000);
    expect(figures.find(({ name }) => name === "events")?.value).toBe(20_000);
  });
});
