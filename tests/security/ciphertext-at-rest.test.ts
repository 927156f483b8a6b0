import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionName } from "../../core/iam/index.ts";
import { type Hit, type Sample, scanAll, summary } from "./at-rest/canary-scan.ts";
import { plant } from "./at-rest/plant.ts";
import { breakThings, happyRun, NAMING, provoke, WAYS, type Way } from "./at-rest/provoke.ts";
import { folderSamples, planSamples, stageSamples } from "./at-rest/sinks.ts";
import { type Hands, rootHands } from "./aws.ts";
import { totpAt } from "../../core/identity/totp.ts";
import { addMember, type NewMember } from "./http/members.ts";
import { newTestId, PASSWORD, SITE, startWorld, type World } from "./world.ts";

/**
 * Words that stand for what must never be read at rest are sent through every way into the stage, in happy runs and in
 * failures. Then everything that the stage keeps is searched for them, as they are and in every usual coating: through
 * the APIs of its stores first, and in the end byte for byte in the files that it leaves behind.
 */
const run = newTestId().slice(-12).toUpperCase();
const PLANTED = `PLANTED${run}WORD`;
const WORDS = Object.fromEntries(
  WAYS.map((way, index) => [way, `WAYWORD${run}N${String(index).padStart(2, "0")}Q`]),
) as Readonly<Record<Way, string>>;

/** What a clinic's people are called and sign in with: of a patient, the one can be her own name and the other her e-mail. */
const PEOPLE = {
  nurse: { displayName: `NURSENAME${run}Q`, login: `nurselogin${run.toLowerCase()}q` },
  patient: { displayName: `PATIENTNAME${run}Q`, login: `patientlogin${run.toLowerCase()}q@example.org` },
} as const;

let world: World;
let root: Hands;
const folder = mkdtempSync(path.join(tmpdir(), "keyward-at-rest-"));

/** What has to stay secret: what is on charts, what strangers sent, and what signs people in. */
function secrets(): Record<string, string> {
  const { a, b } = world;
  const signature = (token: string): string => token.split(".").at(-1) ?? token;
  return {
    ...Object.fromEntries(
      Object.entries(PEOPLE).flatMap(([who, { displayName, login }]) => [
        [`name of a ${who}`, displayName],
        [`login of a ${who}`, login.split("@")[0] ?? login],
      ]),
    ),
    "charts of A": a.canary,
    "charts of B": b.canary,
    "everybody's password": PASSWORD,
    "TOTP secret of A's physician": a.member("physician").totpSecret,
    "TOTP secret of B's billing": b.member("billing").totpSecret,
    "access token of A's physician": signature(a.doc.token),
    "access token of B's importer": signature(b.importer.token),
    ...Object.fromEntries(Object.entries(WORDS).filter(([way]) => !NAMING.has(way as Way))),
  };
}

/** Adds somebody and signs her in at the portal; gives what the portal is told, and the cookie. */
async function signIn(wanted: Omit<NewMember, "tenantId">): Promise<{ name: string; cookie: string }> {
  const { member } = await addMember(world, { tenantId: world.a.tenantId, ...wanted });
  const { login, password, totpSecret } = member;
  const response = await fetch(`${world.stack.endpoint}/session/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login, password, totp: totpAt(totpSecret, Date.now()) }),
  });
  const { user } = (await response.json()) as { user: { displayName: string } };
  return { name: user.displayName, cookie: (response.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "" };
}

/** A nurse and a patient are added, sign in, and are shown by name and login to whoever may see them: what they read. */
async function peopleAtWork(): Promise<readonly string[]> {
  const nurse = await signIn({ roles: ["nurse"], ...PEOPLE.nurse });
  const patient = await signIn({ roles: ["patient"], patientId: newTestId(), ...PEOPLE.patient });
  const { cookie } = await signIn({ roles: ["clinic-administrator"], login: `keeper${newTestId()}` });
  const listed = await fetch(`${world.stack.endpoint}/admin/people`, {
    headers: { cookie, "sec-fetch-site": "same-origin", "x-purpose-of-use": "HOPERAT" },
  });
  const { people } = (await listed.json()) as { people: { name: string; login: string }[] };
  const seen = people.find(({ name }) => name === nurse.name);
  return [nurse.name, seen?.login ?? "", patient.name];
}

const names = (): Record<string, string> =>
  Object.fromEntries([...NAMING].map((way) => [way, WORDS[way].toLowerCase()]));

const kindsOf = (samples: readonly Pick<Sample, "sink">[]): string[] =>
  [...new Set(samples.map(({ sink }) => sink.split(" ")[0] ?? ""))].toSorted();

const STORES = ["journal", "log", "names", "objects", "plan", "stream", "table", "trail"];

beforeAll(async () => {
  world = await startWorld({ folder });
  root = rootHands(world);
});
afterAll(async () => {
  root.destroy();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("KEY-1 OBS-1 AT-56 what is kept", () => {
  let samples: readonly Sample[];
  let hits: readonly Hit[];

  it("the run is what it is meant to be: charts are written and read, and failures are failures", async () => {
    const { statuses, observationId } = await happyRun(world.a);
    expect(await breakThings(world, observationId)).toEqual({
      "a row that does not open": 500,
      "sts is down": 503,
      "kms is down": 503,
      "dynamodb is down": 503,
    });
    statuses.push(...(await happyRun(world.b, 8)).statuses);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(60);
    expect(Object.fromEntries(await provoke(world, (way) => WORDS[way], observationId))).toEqual({
      "query of a search": 400,
      "body of a search": 400,
      "id that is unknown": 404,
      "patient of a search": 200,
      "type that is unknown": 404,
      "path that is unknown": 404,
      "version that is none": 404,
      "member name": 422,
      "malformed JSON": 400,
      "wrong content type": 415,
      "invalid element": 422,
      narrative: 422,
      "too large a body": 413,
      "user agent": 200,
      "idempotency key": 201,
      "If-Match": 400,
      purpose: 400,
      cursor: 400,
      reference: 422,
      "name of a bundle": 422,
      "forwarded headers": 200,
      token: 401,
      cookie: 401,
      login: 401,
      password: 401,
      "client assertion": 400,
    });
    expect(await peopleAtWork()).toEqual([PEOPLE.nurse.displayName, PEOPLE.nurse.login, PEOPLE.patient.displayName]);
    await world.stack.drain();
    await world.stack.lambda.invoke(functionName(SITE, "seal"), {});
    samples = [...(await stageSamples(world, root)), ...planSamples()];
    hits = scanAll(samples, { ...secrets(), ...names() });
    // A few hundred requests: the one step here that a busy machine makes long.
  }, 180_000);

  it("KEY-1 OBS-1 AT-56 no table, stream, object, log, trail record or plan holds any of it", () => {
    expect(kindsOf(samples)).toEqual(STORES);
    expect(samples.length).toBeGreaterThan(1_000);
    expect(summary(hits.filter(({ canary }) => !NAMING.has(canary as Way)))).toEqual([]);
  });

  it("OBS-1 what a caller took for an id stands in the event and in the trail of who asked, and nowhere else", () => {
    const sinks = hits.filter(({ canary }) => NAMING.has(canary as Way)).map(({ sink }) => sink);
    const allowed = /^(trail|journal of tables and streams|stream outbox|table .*-outbox|objects in .*-archive-\d+)$/;
    expect(sinks.filter((sink) => !allowed.test(sink))).toEqual([]);
  });

  it("KEY-1 AT-56 a word that is planted in each kind of store is found in each", async () => {
    await plant(world, root, PLANTED);
    const [plan, ...rest] = planSamples();
    const bent = { sink: plan?.sink ?? "", bytes: Buffer.concat([plan?.bytes ?? Buffer.of(), Buffer.from(PLANTED)]) };
    const found = summary(scanAll([...(await stageSamples(world, root)), bent, ...rest], { planted: PLANTED }));
    expect(kindsOf(found)).toEqual([...STORES, "queue"].toSorted());
    expect(found.filter(({ sink }) => sink.startsWith("stream"))).toHaveLength(2);
  });

  it("KEY-1 OBS-1 AT-56 no file that the stage leaves behind holds any of it, and the planted word is in them", async () => {
    await world.stack.close();
    const files = folderSamples(folder);
    expect(files.map(({ sink }) => sink)).toEqual(
      expect.arrayContaining(["file dynamodb.db", "file s3.db", "file kms.db", "file iam.db", "file trail.db"]),
    );
    expect(files.reduce((total, { bytes }) => total + bytes.length, 0)).toBeGreaterThan(1_000_000);
    const found = summary(scanAll(files, { ...secrets(), planted: PLANTED }));
    expect(found.filter(({ canary }) => canary !== "planted")).toEqual([]);
    expect(found.map(({ sink }) => sink)).toEqual(
      expect.arrayContaining(["file dynamodb.db", "file sqs.db", "file trail.db"]),
    );
  });
});
