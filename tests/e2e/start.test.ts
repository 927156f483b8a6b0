import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClinicProfileView, DayView, KeyView, ScheduleSetupView, TenantView } from "../../core/contract/index.ts";
import { portalHeaders } from "../../core/contract/portal-headers.ts";
import type { VerifyReport } from "../../core/audit/verify.ts";
import type { Profile } from "../../scripts/cli/profile.ts";
import { daysAround } from "../../scripts/seed/week.ts";
import type { DemoAnswer } from "../../scripts/start/demo-page.ts";
import {
  cleanUp,
  cli,
  type CliAnswer,
  freePort,
  isBootstrapIdle,
  isListening,
  PATIENCE_MS,
  ready,
  type Running,
  start,
  startCli,
  tableOf,
  temporaryFolder,
  until,
} from "./harness.ts";

/** One stage, started as a person starts it; the tests follow its life in order. */
const life = { timeout: PATIENCE_MS } as const;
const parent = temporaryFolder();
const folder = path.join(parent, "data");
let port = 0;
let origin = "";
let running: Running;

beforeAll(async () => {
  port = await freePort();
  running = start({ folder, port, patients: 1 });
  origin = await ready(running);
}, PATIENCE_MS);
afterAll(cleanUp);

const keyward = (...args: readonly string[]): Promise<CliAnswer> => cli(folder, ...args);
const profile = (): Profile => JSON.parse(readFileSync(path.join(folder, "profile.json"), "utf8")) as Profile;

/** Sorted, with the file modes: what must not be readable by others. */
function modesBelow(start: string): string[] {
  const below = readdirSync(start, { recursive: true, withFileTypes: true });
  const modes = below.map((entry) => {
    const mode = statSync(path.join(entry.parentPath, entry.name)).mode & 0o777;
    return `${entry.isDirectory() ? "folder" : "file"} ${mode.toString(8)}`;
  });
  return [...new Set([`folder ${(statSync(start).mode & 0o777).toString(8)}`, ...modes])].toSorted();
}

/** How often a function has come to its end, by its log. */
function runsOf(name: string): number {
  const file = path.join(folder, "logs", `keyward-dev-${name}.log`);
  return existsSync(file) ? readFileSync(file, "utf8").split("platform.report").length - 1 : 0;
}

/** What the sign-in page of this stage offers. */
const offered = async (): Promise<DemoAnswer["signIns"]> =>
  ((await (await fetch(`http://localhost:${port}/app/demo.json`)).json()) as DemoAnswer).signIns;

/** A session by what is offered, as one click begins it: its cookie. */
async function signInAs(wanted: string): Promise<string> {
  const found = (await offered()).find(({ login }) => login === wanted);
  if (found === undefined) throw new Error(`nobody is called ${wanted}`);
  const { login, password, totp, tenant, purpose } = found;
  const answer = await fetch(`http://localhost:${port}/session/sign-in`, {
    method: "POST",
    headers: { origin: `http://localhost:${port}`, "content-type": "application/json" },
    body: JSON.stringify({ login, password, totp, tenant, purpose }),
  });
  expect(answer.status).toBe(200);
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

interface Chart {
  readonly resourceType: string;
  readonly total: number;
  readonly entry: readonly { readonly resource: { readonly resourceType: string } }[];
}

/** The printed command, as a shell runs it; its parts by themselves where there is no curl. */
async function readPrintedChart(stdout: string): Promise<Chart> {
  const command = /^ {2}(curl .*)$/m.exec(stdout)?.[1] ?? "";
  const parts = /^curl -sS -H 'authorization: (Bearer [\w.-]+)' '([^']+)'$/.exec(command);
  expect(parts).not.toBeNull();
  if (spawnSync("curl", ["--version"]).error === undefined) {
    const shell = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    expect(shell.status).toBe(0);
    return JSON.parse(shell.stdout) as Chart;
  }
  const answer = await fetch(parts?.[2] ?? "", { headers: { authorization: parts?.[1] ?? "" } });
  return (await answer.json()) as Chart;
}

describe("INF-5 one command starts the whole system", life, () => {
  it("its last line is `ready` with the address that was asked for", () => {
    expect(running.stdout().trimEnd().split("\n").at(-1)).toBe(`ready http://127.0.0.1:${port}`);
    expect(origin).toBe(`http://127.0.0.1:${port}`);
  });

  it("UIX-5 says first where the portal is, and it answers there with its own headers", async () => {
    const told = running.stdout().split("\n");
    const portal = `http://localhost:${port}`;
    const first = told.findIndex((line) => line.startsWith(`Portal  ${portal}/app/`));
    expect(first).toBeGreaterThan(0);
    expect(told.findIndex((line) => line.startsWith("Sign-ins"))).toBeGreaterThan(first);
    const bare = await fetch(`${portal}/`, { redirect: "manual" });
    expect([bare.status, bare.headers.get("location")]).toEqual([302, "/app/"]);
    const page = await fetch(`${portal}/app/board`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    for (const [name, value] of Object.entries(portalHeaders(`http://documents.localhost:${port}`, "other")))
      expect(page.headers.get(name)).toBe(value);
    expect(await page.text()).toContain("/app/assets/");
  });

  it("its sign-in page is told of every member, and what it is told signs in at once", async () => {
    const signIns = await offered();
    expect(signIns).toHaveLength(15);
    expect(new Set(signIns.map(({ clinic }) => clinic))).toEqual(
      new Set(["Lakeside Family Practice", "Riverside Clinic", "Keyward operations"]),
    );
    // People have names, and not those of their roles.
    for (const { name, login } of signIns) expect([name, login]).toEqual([expect.stringMatching(/^\S.* \S+$/), login]);
    const used = signIns.find(({ login }) => login === "b.nurse")?.totp;
    expect(await signInAs("b.nurse")).toMatch(/^__Host-sid=/);
    expect((await offered()).find(({ login }) => login === "b.nurse")?.totp).not.toBe(used);
  });

  it("CLIN-19 the clinic has a day: hours, rooms, visit types, and whoever comes", async () => {
    const cookie = await signInAs("a.nurse");
    const read = async <T>(path: string): Promise<T> =>
      (await (await fetch(`${origin}${path}`, { headers: { cookie } })).json()) as T;
    const profile = await read<ClinicProfileView>("/clinic/profile");
    expect(profile).toMatchObject({ name: "Lakeside Family Practice", isTimeZoneSet: true });
    expect(profile.week.sunday.length).toBeGreaterThan(0);
    const setup = await read<ScheduleSetupView>("/clinic/schedule");
    expect(setup.visitTypes.map(({ name }) => name)).toContain("Follow-up");
    expect(setup.providers.filter(({ isMe }) => isMe)).toHaveLength(1);
    const days = daysAround(profile.timeZone, Date.now()).map((each) => read<DayView>(`/clinic/day/${each}`));
    expect((await Promise.all(days)).flatMap(({ rows }) => rows).length).toBeGreaterThan(0);
  });

  it("shows the sign-ins of two clinics, and the printed curl reads a chart", async () => {
    const stdout = running.stdout();
    const people = ["doc", "nurse", "desk", "bill", "admin", "audit", "patient"];
    for (const login of people.flatMap((name) => [`a.${name}`, `b.${name}`]))
      expect(stdout).toMatch(new RegExp(`^  ${login} +[a-z-]+ +\\S{16}  [A-Z2-7]{32}$`, "m"));
    const chart = await readPrintedChart(stdout);
    expect(chart.resourceType).toBe("Bundle");
    expect(chart.total).toBe(chart.entry.length);
    const types = new Set(chart.entry.map(({ resource }) => resource.resourceType));
    for (const type of ["Patient", "Encounter", "Observation"]) expect(types).toContain(type);
  });

  it("ENC-3 nobody but its owner can read the data folder", () => {
    expect(modesBelow(folder)).toEqual(["file 600", "folder 700"]);
  });

  it("the check of modes finds a file that others can read", () => {
    const planted = path.join(parent, "planted");
    mkdirSync(planted, { mode: 0o700 });
    writeFileSync(path.join(planted, "open"), "", { mode: 0o644 });
    expect(modesBelow(planted)).toContain("file 644");
  });
});

describe("INF-5 a start that cannot be says why in one sentence", life, () => {
  const refused = async (environment: { folder?: string; port?: number | string }): Promise<string> => {
    const child = start({ folder: path.join(parent, "other"), port: await freePort(), ...environment });
    const { code, stderr } = await child.ended;
    expect(code).toBe(1);
    expect(child.isGroupAlive()).toBe(false);
    return stderr;
  };

  it("a port in use", async () => {
    expect(await refused({ port })).toBe(`keyward: port ${port} is already in use\n`);
  });

  it("a data folder in use", async () => {
    expect(await refused({ folder })).toBe(`keyward: the data folder ${folder} is used by another process\n`);
  });

  it.each(["http", "-1", "65536", "4000.5"])("a PORT that is none: %s", async (text) => {
    expect(await refused({ port: text })).toBe("keyward: PORT is a whole number from 0 to 65535\n");
  });

  it("a data folder that cannot be one", async () => {
    const file = path.join(parent, "file");
    writeFileSync(file, "");
    expect(await refused({ folder: file })).toMatch(/^keyward: EEXIST: [^\n]+\n$/);
  });
});

describe("INF-5 the operator's commands", life, () => {
  let hillside = "";

  it("tenant create and list", async () => {
    const created = await keyward("--json", "tenant", "create", "Hillside Practice");
    expect(created.code).toBe(0);
    const tenant = created.json<TenantView>();
    expect(tenant).toMatchObject({ name: "Hillside Practice", tier: "pooled", status: "active" });
    hillside = tenant.id;
    const listed = await keyward("tenant", "list", "--json");
    expect(listed.code).toBe(0);
    expect(listed.json<TenantView[]>()).toHaveLength(3);
    const text = await keyward("tenant", "list");
    expect(text.stdout).toMatch(/^ID +NAME +TIER +CELL +STATUS +SINCE\n/);
    expect(text.stdout).toContain(`${hillside}  Hillside Practice`);
  });

  it("UIX-1 a tenant that goes live after its checklist is refused patients, and one of another word is none", async () => {
    const create = (when: string) => keyward("--json", "tenant", "create", "Birch Practice", "--go-live", when);
    const unknown = await create("tomorrow");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("open, after-checklist");
    const created = await create("after-checklist");
    expect(created.code).toBe(0);
    const { id: birch } = created.json<TenantView>();
    const arrivals = path.join(parent, "arrivals.ndjson");
    writeFileSync(arrivals, `${JSON.stringify({ resourceType: "Patient", id: "first", gender: "other" })}\n`);
    const imported = await keyward("--json", "import", arrivals, "--tenant", birch);
    expect([imported.code, imported.json()]).toEqual([1, expect.objectContaining({ stored: 0, refused: 1 })]);
  });

  it("user add shows each secret once, and a taken login is refused by the API", async () => {
    const args = ["user", "add", "--tenant", hillside, "--login", "h.doc", "--name", "Dr. Hill", "--role", "physician"];
    const added = await keyward("--json", ...args);
    expect(added.code).toBe(0);
    expect(added.json<Record<string, string>>()).toMatchObject({
      userId: expect.stringMatching(/^[0-9a-z]{26}$/) as string,
      totpSecret: expect.stringMatching(/^[A-Z2-7]{32}$/) as string,
      password: expect.stringMatching(/^\S{16}$/) as string,
    });
    const again = await keyward("--json", ...args);
    expect(again.code).toBe(3);
    expect(again.stdout).toBe("");
    expect(JSON.parse(again.stderr)).toEqual({ error: expect.stringContaining("That login is taken") as string });
  });

  it("KEY-2 key list shows one active key of each class", async () => {
    const listed = await keyward("key", "list", "--tenant", hillside, "--json");
    expect(listed.code).toBe(0);
    const keys = listed.json<KeyView[]>();
    expect(keys.map((key) => key.class).toSorted()).toEqual(["A", "B", "C", "D", "S", "U", "X"]);
    expect(keys.every(({ version, state }) => version === 1 && state === "ACTIVE")).toBe(true);
    expect((await keyward("key", "list", "--tenant", "0".repeat(26))).code).toBe(3);
  });

  it("call sends one request as a member, and says what the API refused", async () => {
    const answer = await keyward("call", "GET", "/fhir/Organization", "--as", "a.desk", "--json");
    expect(answer.code).toBe(0);
    expect(answer.json<{ status: number; body: Chart }>()).toMatchObject({ status: 200, body: { total: 1 } });
    const refused = await keyward("call", "get", "/fhir/Patient/unknown", "--as", "b.desk");
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toBe(
      "keyward: GET /fhir/Patient/unknown: There is nothing here by that name. (status 404)\n",
    );
  });

  it("token prints one that the API takes", async () => {
    const { code, stdout } = await keyward("token", "--as", "b.doc");
    expect(code).toBe(0);
    const answer = await fetch(`${origin}/fhir/Practitioner`, {
      headers: { authorization: `Bearer ${stdout.trim()}` },
    });
    expect(answer.status).toBe(200);
  });

  it("a reader that goes away is no failure", async () => {
    const child = startCli(folder, ["call", "GET", "/fhir/metadata", "--as", "a.bill"]);
    child.child.stdout?.destroy();
    expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("wrong usage ends with 2, an unreachable stage with 4", async () => {
    expect((await keyward("tennant", "list")).code).toBe(2);
    expect((await keyward("key", "list")).code).toBe(2);
    expect((await keyward("token", "--as", "nobody")).code).toBe(2);
    expect((await keyward("import", parent, "--tenant", hillside, "--concurrency", "99")).code).toBe(2);
    const nowhere = path.join(parent, "nowhere");
    mkdirSync(nowhere);
    const without = await cli(nowhere, "tenant", "list");
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no profile yet") as string });
    writeFileSync(path.join(nowhere, "profile.json"), '{"operator": secret');
    const broken = await cli(nowhere, "tenant", "list");
    expect(broken).toMatchObject({ code: 2, stderr: expect.not.stringContaining("secret") as string });
    const moved = { ...profile(), publicUrl: `http://127.0.0.1:${await freePort()}` };
    writeFileSync(path.join(nowhere, "profile.json"), JSON.stringify(moved));
    expect(await cli(nowhere, "tenant", "list")).toMatchObject({ code: 4, stdout: "" });
  });

  it("AUD-4 audit verify passes over events that a signed seal covers", async () => {
    const clinics = new Set(profile().members.map(({ tenantId }) => tenantId));
    let compared = 0;
    const reports = await until("seals of both clinics and of the platform itself", async () => {
      // A comparison is a process of a second or two: one is made when there is something new to compare.
      const runs = runsOf("seal") + runsOf("archive");
      if (runs === compared) return undefined;
      compared = runs;
      const verified = await keyward("audit", "verify", "--json");
      expect(verified).toMatchObject({ code: 0, stderr: "" });
      const own = verified.json<VerifyReport[]>().filter(({ tenantId }) => clinics.has(tenantId));
      return own.length === clinics.size && own.every(({ seals, objects }) => seals > 0 && objects > 0)
        ? own
        : undefined;
    });
    for (const { events, findings } of reports) {
      expect(findings).toEqual([]);
      expect(events).toBeGreaterThan(0);
    }
    const text = await keyward("audit", "verify", "--tenant", reports[0]?.tenantId ?? "");
    expect(text.stdout).toMatch(/^ok {3}[0-9a-z]{26} {2}\d+ events, \d+ objects, \d+ seals/);
  });
});

describe("INF-5 the end, and the next start", life, () => {
  it("Ctrl-C ends it with 0 and leaves no port and no process behind", async () => {
    running.signalAll("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("keyward: stopping");
    expect(await isListening(port)).toBe(false);
    expect(running.isGroupAlive()).toBe(false);
  });

  it("the second start has the data still there and adds nothing, also through npm's way in", async (context) => {
    const isBootstrapped = isBootstrapIdle();
    const before = await tableOf(folder, "data");
    const keysBefore = await tableOf(folder, "keys");
    const second = start({ folder, port, patients: 1, isBootstrapped });
    await ready(second);
    expect((await readPrintedChart(second.stdout())).entry.length).toBeGreaterThan(10);
    second.signalAll("SIGINT");
    expect(await second.ended).toMatchObject({ code: 0, stderr: "" });
    expect(await isListening(port)).toBe(false);
    expect(second.isGroupAlive()).toBe(false);
    expect(before.size).toBeGreaterThan(100);
    expect(await tableOf(folder, "data")).toEqual(before);
    expect(await tableOf(folder, "keys")).toEqual(keysBefore);
    if (!isBootstrapped)
      await context.annotate("started without scripts/bootstrap.mjs: package-lock.json is not installed yet");
  });

  it("a start that was broken off before a member's secrets were written goes on", async () => {
    copyFileSync(path.join(folder, "profile.json"), path.join(parent, "profile.json"));
    const known = profile();
    const members = known.members.filter(({ login }) => login !== "b.desk" && login !== "b.bill");
    writeFileSync(path.join(folder, "profile.json"), JSON.stringify({ ...known, members }));
    const third = start({ folder, port, patients: 0 });
    await ready(third);
    third.signalAll("SIGTERM");
    expect(await third.ended).toMatchObject({ code: 0, stderr: "" });
    const roles = profile()
      .members.filter(({ login }) => login.startsWith("b."))
      .map(({ role }) => role);
    expect(roles.toSorted()).toEqual([
      "auditor",
      "billing",
      "clinic-administrator",
      "front-desk",
      "nurse",
      "patient",
      "physician",
    ]);
  });
});
