import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RouteName, routeNames, routes } from "../../core/contract/index.ts";
import { monthOfMs } from "../../core/cost/period.ts";
import { billFileKey, bookKey, statementKey } from "../../core/cost/store/keys.ts";
import { booksRoleArn, costBucketName, statementReadRoleArn, tableName } from "../../core/iam/index.ts";
import { actDigest } from "../../core/identity/step-up.ts";
import type { TenantId } from "../../core/kernel/ids.ts";
import { stageCostFiles } from "../../scripts/start/cost-files.ts";
import { SYNTHETIC_CLINICS, writeCostHistory } from "../../scripts/start/cost-history.ts";
import { joining } from "../fixtures/registry.ts";
import { assumeRole, functionCredentials, type Hands, handsOf, outcome } from "./aws.ts";
import { type Ask, openScene, type Person, type Scene, type Session } from "./clinic/scene.ts";
import { openRegistry } from "./http/members.ts";
import { eventsAbout } from "./http/state.ts";
import { type Answer, canaryObservation, canaryPatient, type Clinic, newTestId, SITE } from "./world.ts";

/** COST-7: who keeps the platform's books, what that opens and what it never opens. One stage for all of it. */
let scene: Scene;
let finance: Session;
let month: string;
let patientId: string;
let people: Readonly<Record<"finance" | "adminA" | "adminB" | "planted", Person>>;

const REASON = { "x-reason": "maintenance" };
const FINANCE = routeNames.filter((name) => routes[name].zone === "finance");
const own = (): TenantId => scene.world.operations.tenantId;

/** Clinics of the stage in the place of made-up ones: their books are of days that nobody lived. */
const asSynthetic = ({ tenantId }: Clinic, index: number) => {
  const [first, second] = SYNTHETIC_CLINICS;
  const of = index === 0 ? first : second;
  if (of === undefined) throw new Error("there are synthetic clinics");
  return { ...of, id: tenantId, name: `Clinic ${index === 0 ? "a" : "b"}` };
};

beforeAll(async () => {
  scene = await openScene();
  const { world } = scene;
  const { a, b } = world;
  month = monthOfMs(scene.clock.now());
  patientId = String((await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a) })).body["id"]);
  await a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, patientId) });
  people = {
    finance: await scene.hire(world.operations, ["finance"]),
    adminA: await scene.hire(a, ["clinic-administrator"]),
    adminB: await scene.hire(b, ["clinic-administrator"]),
    planted: await scene.hire(a, ["billing"]),
  };
  const files = await stageCostFiles(world.stack, SITE, own());
  await writeCostHistory(files, {
    of: { stage: "dev", accountId: SITE.accountId, region: SITE.region, codeVersion: "test" },
    nowMs: scene.clock.now(),
    months: 0,
    clinics: [a, b].map(asSynthetic),
  });
  finance = await scene.signIn(people.finance);
});
afterAll(() => scene.close());

const placed = (name: RouteName): string =>
  routes[name].path
    .replace("{tenant}", scene.world.a.tenantId)
    .replace("{dataset}", "month-report")
    .replace("{id}", scene.world.a.tenantId)
    .replace("{day}", "2026-11-23");
const bodyOf = (name: RouteName): Ask => (routes[name].body === null ? {} : { body: {} });
const told = (answer: Pick<Answer, "headers">, tenantId = own()): string[] =>
  eventsAbout(scene.world, tenantId, answer).map(({ interaction, outcome: how, stage = "" }) =>
    `${interaction} ${how} ${stage}`.trim(),
  );
const THREE = (name: string): string[] => ["start", "approve", "finish"].map((stage) => `${name} success ${stage}`);

/** Both factors for one request, and then the request. */
async function proven(by: Session, method: string, path: string, body: unknown): Promise<Answer> {
  const act = actDigest(method, path, JSON.stringify(body));
  const totp = await scene.freshCode(by.member);
  const answer = await by.send("POST", "/session/step-up", { body: { password: PASSWORD_OF, totp, act } });
  if (answer.status !== 200) throw new Error(`the step-up was refused: ${answer.status} ${answer.text}`);
  const cookie = /^__Host-sid=([\w-]{43});/.exec(answer.headers.getSetCookie()[0] ?? "")?.[1];
  if (cookie === undefined) throw new Error("a step-up gives a new cookie");
  by.hold(cookie);
  return by.send(method, path, { body, headers: REASON });
}
const PASSWORD_OF = "correct horse battery staple";

// First: each step-up moves the stage's time, and what is signed on this machine's own time is soon too old for it.
describe("COST-6 COST-7 at the wire", () => {
  const bucket = costBucketName(SITE);
  const tagged = (role: string, tenant: string) => ({
    RoleArn: role,
    RoleSessionName: "test",
    SourceIdentity: `u-${newTestId()}`,
    DurationSeconds: 900,
    Tags: [{ Key: "tenant", Value: tenant }],
  });
  async function as(name: "admin" | "finance", role: string, tenant: string): Promise<Hands> {
    const zone = handsOf(scene.world, functionCredentials(scene.world, name));
    const hands = handsOf(scene.world, await assumeRole(zone.sts, tagged(role, tenant)));
    zone.destroy();
    return hands;
  }
  const read = (hands: Hands, Key: string) => outcome(hands.s3.send(new GetObjectCommand({ Bucket: bucket, Key })));
  const list = (hands: Hands, Prefix: string) =>
    outcome(hands.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix })));
  const write = (hands: Hands, Key: string, IfNoneMatch?: string) =>
    outcome(
      hands.s3.send(
        new PutObjectCommand({ Bucket: bucket, Key, Body: "x", ...(IfNoneMatch === undefined ? {} : { IfNoneMatch }) }),
      ),
    );

  it("COST-6 a clinic's session reads its own statement, and no other clinic's whatever its code asks", async () => {
    const { a, b } = scene.world;
    const hands = await as("admin", statementReadRoleArn(SITE), a.tenantId);
    expect(await read(hands, statementKey(a.tenantId, month))).toBe("allowed");
    expect(await list(hands, `v1/clinics/${a.tenantId}/`)).toBe("allowed");
    for (const key of [
      statementKey(b.tenantId, month),
      bookKey(month),
      `v1/clinics/${a.tenantId}/../${b.tenantId}/${month}.json`,
    ])
      expect(await read(hands, key)).toBe("AccessDenied");
    for (const prefix of ["", "v1/", "v1/clinics/", `v1/clinics/${b.tenantId}/`])
      expect(await list(hands, prefix)).toBe("AccessDenied");
    expect(await write(hands, statementKey(a.tenantId, "2020-01"), "*")).toBe("AccessDenied");
    hands.destroy();
  });

  it("COST-7 the books' session reads books, puts in once, and reaches no fact, no chart and no key", async () => {
    const hands = await as("finance", booksRoleArn(SITE), own());
    expect(await read(hands, bookKey(month))).toBe("allowed");
    expect(await read(hands, `v1/facts/${month}/x`)).toBe("AccessDenied");
    const put = billFileKey(month, "0".repeat(64));
    expect(await write(hands, put)).toBe("AccessDenied");
    expect(await write(hands, put, "*")).toBe("allowed");
    expect(await write(hands, bookKey(month), "*")).toBe("AccessDenied");
    expect(await write(hands, statementKey(scene.world.a.tenantId, month), "*")).toBe("AccessDenied");
    for (const table of ["data", "outbox", "keys", "trail"] as const) {
      const { ScanCommand, GetItemCommand } = await import("@aws-sdk/client-dynamodb");
      const TableName = tableName(SITE, table);
      expect(await outcome(hands.dynamodb.send(new ScanCommand({ TableName })))).toBe("AccessDeniedException");
      const Key = { pk: { S: `T#${scene.world.a.tenantId}#C` }, sk: { S: "x" } };
      expect(await outcome(hands.dynamodb.send(new GetItemCommand({ TableName, Key })))).toBe("AccessDeniedException");
    }
    hands.destroy();
  });
});

describe("COST-7 who keeps the platform's books", () => {
  it("COST-7 is a person of the platform's own tenant: a clinic gives nobody that role, and finance has no other", async () => {
    const { operator, a, operations } = scene.world;
    const ask = (tenantId: string, roles: readonly string[]): Promise<Answer> =>
      operator.send("POST", `/platform/tenants/${tenantId}/users`, {
        body: { login: `x${newTestId()}`, displayName: "X", roles, password: PASSWORD_OF },
      });
    expect((await ask(a.tenantId, ["finance"])).body["rule"]).toBe("role-tenant");
    expect((await ask(operations.tenantId, ["physician"])).body["rule"]).toBe("role-tenant");
    expect((await ask(operations.tenantId, ["finance", "billing"])).body["rule"]).toBe("role-tenant");
    const admin = await scene.signInSteppedUp(people.adminA, "HOPERAT");
    const staff = await admin.send("GET", "/admin/people");
    expect(JSON.stringify(staff.body["grantable"])).not.toContain("finance");
  });

  it.each(FINANCE)("COST-7 %s: a clinic's administrator is refused, and it is told in her clinic", async (name) => {
    const admin = (administrators.a ??= await scene.signIn(people.adminA, "HOPERAT"));
    const answer = await admin.send(routes[name].method, placed(name), bodyOf(name));
    expect([answer.status >= 400, told(answer, scene.world.a.tenantId).length]).toEqual([true, 1]);
    if (routes[name].body === null) expect(answer.status).toBe(403);
  });
  const administrators: { a?: Session } = {};

  it("COST-7 a membership of a clinic that says finance, however it came to be, opens no book", async () => {
    const registry = openRegistry(scene.world);
    await registry.store.write(joining(people.planted.userId, scene.world.b.tenantId, ["finance"]));
    registry.close();
    const { member, userId } = people.planted;
    const planted = await scene.signIn({ userId, member: { ...member, tenantId: scene.world.b.tenantId } });
    const answer = await planted.send("GET", "/finance/overview");
    expect([answer.status, told(answer, scene.world.b.tenantId)]).toEqual([403, ["finance.read denied"]]);
    const { body } = await planted.send("GET", "/session");
    expect(body["can"]).toEqual([]);
  });

  it("COST-7 no other site's page asks in her name, and a page of another sign-in is told so", async () => {
    const path = `/finance/budgets/${scene.world.a.tenantId}`;
    const foreign = await finance.send("PUT", path, {
      body: { amount: "1" },
      headers: { ...REASON, "sec-fetch-site": "cross-site" },
    });
    expect([foreign.status, foreign.body["rule"]]).toEqual([403, "origin"]);
    const stale = await finance.send("GET", "/finance/overview", { headers: { "x-session-tag": "another" } });
    expect([stale.status, stale.body["rule"]]).toEqual([409, "session-changed"]);
  });
});

/** What was made by itself is there once it was made: its answer is another test's. */
const READS = FINANCE.filter((name) => routes[name].method === "GET" && name !== "financeSummaryFile");

describe("COST-7 finance reads the books and no chart", () => {
  it.each(READS)("COST-7 %s answers, is told once with its receipt, and holds nothing of a patient", async (name) => {
    const answer = await finance.send("GET", placed(name));
    expect([name, answer.status, answer.text.slice(0, 200) === "" ? "empty" : "full"]).toEqual([name, 200, "full"]);
    const { action } = routes[name];
    expect(told(answer)).toEqual([`${action ?? ""} success`]);
    expect(answer.headers.get("x-audit-receipt")?.split(", ")).toHaveLength(1);
    for (const canary of [scene.world.a.canary, scene.world.b.canary, patientId])
      expect(answer.text).not.toContain(canary);
  });

  it("COST-7 what she may do is told to her page, and is finance alone", async () => {
    const { body } = await finance.send("GET", "/session");
    expect(body["can"]).toEqual(
      ["bill", "budget", "entry", "export", "plan", "read", "summary"].map((name) => `finance.${name}`),
    );
  });

  it.each([
    ["GET", "/fhir/Patient/{patient}"],
    ["GET", "/fhir/Observation"],
    ["GET", "/clinic/patients/{patient}/view"],
    ["GET", "/clinic/audit/events"],
    ["GET", "/clinic/settings/privacy"],
    ["GET", "/admin/people"],
    ["GET", "/admin/statement"],
    ["GET", "/patient/home"],
    ["POST", "/clinic/exports"],
  ] as const)("COST-7 %s %s is not hers", async (method, path) => {
    for (const purpose of ["TREAT", "HOPERAT"]) {
      const answer = await finance.send(method, path.replace("{patient}", patientId), {
        purpose,
        ...(method === "GET" ? {} : { body: {} }),
      });
      expect([403, 404, 400]).toContain(answer.status);
      expect(answer.text).not.toContain(scene.world.a.canary);
    }
  });

  it("COST-3 the screen has both clinics, and a drill-down ends at a day", async () => {
    const { body } = await finance.send("GET", `/finance/tenants?month=${month}`);
    const tenants = body["tenants"] as unknown as { readonly tenant: { readonly id: string } }[];
    expect(tenants.map(({ tenant }) => tenant.id).toSorted()).toEqual(
      [scene.world.a.tenantId, scene.world.b.tenantId].toSorted(),
    );
    const path = `/finance/tenants/${scene.world.a.tenantId}/cost?month=${month}&layer=data&sku=dynamodb-wru`;
    const days = await finance.send("GET", path);
    expect([days.body["level"], days.status]).toEqual(["day", 200]);
    expect((await finance.send("GET", "/finance/overview?month=nonsense")).body["rule"]).toBe("month");
    expect((await finance.send("GET", `/finance/tenants/${newTestId()}/cost`)).status).toBe(404);
  });

  it("COST-7 a file travels packed, and carries the question's hash in every format", async () => {
    const hashes = new Set<string | null>();
    for (const format of ["csv-focus", "csv", "xlsx", "parquet"]) {
      const file = await finance.send("GET", `/finance/exports/customer-charges?month=${month}&format=${format}`);
      expect([format, file.status]).toEqual([format, 200]);
      expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="keyward-customer-charges-/);
      hashes.add(file.headers.get("x-query-hash"));
    }
    expect(hashes.size).toBe(1);
    expect([...hashes][0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("COST-7 what finance puts in", () => {
  const entry = () => ({
    layer: "support",
    tenant: scene.world.a.tenantId,
    day: `${month}-01`,
    quantity: "15",
    unitPrice: "1.60",
    description: "A call about printing",
  });

  it("COST-7 wants a reason and both factors for this one request, and leaves three events", async () => {
    const path = `/finance/entries/${newTestId()}`;
    const bare = await finance.send("PUT", path, { body: entry(), headers: REASON });
    expect([bare.status, bare.body["rule"], told(bare)]).toEqual([403, "step-up", ["finance.entry denied"]]);
    await finance.stepUp();
    expect((await finance.send("PUT", path, { body: entry(), headers: REASON })).body["rule"]).toBe("step-up");
    const added = await proven(finance, "PUT", path, entry());
    expect([added.status, told(added)]).toEqual([200, THREE("finance.entry")]);
    const again = await proven(finance, "PUT", path, entry());
    expect([again.status, again.body["by"]]).toEqual([200, people.finance.userId]);
    const other = await proven(finance, "PUT", path, { ...entry(), quantity: "16" });
    expect(other.status).toBe(412);
    const back = await proven(finance, "POST", `${path}/take-back`, {});
    expect([back.status, back.body["isOpen"]]).toEqual([200, false]);
    expect((await proven(finance, "PUT", path, entry())).status).toBe(412);
  });

  it.each([
    ["words that a spreadsheet would run", { description: "=1+1" }],
    ["two lines", { description: "a\nb" }],
    ["less than nothing", { quantity: "-1" }],
    ["a day that is none", { day: "2026-02-30" }],
    ["one field more", { patient: "x" }],
  ])("AT-55 COST-7 an entry with %s is refused", async (_what, change) => {
    const refused = await finance.send("PUT", `/finance/entries/${newTestId()}`, {
      body: { ...entry(), ...change },
      headers: REASON,
    });
    expect([refused.status, told(refused)]).toEqual([400, ["finance.entry failure"]]);
  });

  it("COST-7 a bill that cannot be read says where, changes nothing and repeats nothing of it", async () => {
    const text = "BilledCost,BillingCurrency\nCANARYCELL,USD\n";
    const body = { file: Buffer.from(text).toString("base64"), completeUntil: `${month}-02` };
    const refused = await proven(finance, "POST", "/finance/bills", body);
    expect([refused.status, refused.body["rule"]]).toEqual([422, "bill"]);
    expect(refused.body["bill"]).toMatchObject({ line: 2 });
    expect(refused.text).not.toContain("CANARYCELL");
    expect(told(refused)).toEqual(["finance.bill failure"]);
    expect((await finance.send("GET", "/finance/bills")).body["bills"]).toEqual([]);
  });

  it("COST-3 a budget and a plan are set, for clinics that there are", async () => {
    const { tenantId } = scene.world.a;
    const set = await proven(finance, "PUT", `/finance/budgets/${tenantId}`, { amount: "12.50" });
    expect([set.status, set.body["amount"], told(set)]).toEqual([200, "12.50", THREE("finance.budget")]);
    const gone = await proven(finance, "PUT", `/finance/budgets/${tenantId}`, { amount: null });
    expect([gone.status, gone.body["amount"]]).toEqual([200, null]);
    expect((await proven(finance, "PUT", `/finance/budgets/${newTestId()}`, { amount: "1" })).status).toBe(404);
    const plan = await proven(finance, "PUT", `/finance/tenants/${tenantId}/plan`, {
      planId: "clinic-standard/v1",
      from: month,
    });
    expect([plan.status, plan.body["planId"]]).toEqual([200, "clinic-standard/v1"]);
    const none = await proven(finance, "PUT", `/finance/tenants/${tenantId}/plan`, { planId: "free/v1", from: month });
    expect(none.body["rule"]).toBe("plan-unknown");
  });
});

describe("COST-6 a clinic's own statement", () => {
  it("COST-6 is its administrator's, line by line down to the day, and told in the clinic's trail", async () => {
    const admin = await scene.signIn(people.adminA, "HOPERAT");
    const answer = await admin.send("GET", `/admin/statement?month=${month}`);
    expect([answer.status, told(answer, scene.world.a.tenantId)]).toEqual([200, ["statement.read success"]]);
    const lines = answer.body["lines"] as unknown as {
      readonly meter: string;
      readonly quantity: string | null;
      readonly days: { readonly units: string }[];
    }[];
    const encounters = lines.find(({ meter }) => meter === "encounters");
    const counted = (encounters?.days ?? []).reduce((sum, { units }) => sum + BigInt(units), 0n);
    expect(encounters?.quantity).toBe(counted.toString());
    expect(answer.text).not.toContain(scene.world.b.tenantId);
    const file = await admin.send("GET", `/admin/statement/file?month=${month}&format=pdf`);
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    expect((await admin.send("GET", "/admin/statement?month=2020-01")).status).toBe(404);
  });

  it("COST-6 nobody else of the clinic reads it", async () => {
    const billing = await scene.signIn(people.planted, "HPAYMT");
    for (const purpose of ["HPAYMT", "HOPERAT"])
      expect((await billing.send("GET", "/admin/statement", { purpose })).status).toBe(403);
  });
});

describe("TEN-2 a clinic is made with its tier weighed", () => {
  it("TEN-2 a profile recommends a tier with its price, and the decision is kept with the clinic", async () => {
    const { operator } = scene.world;
    const advice = await operator.send("GET", "/platform/tiers/special-regulation");
    expect([advice.status, advice.body["recommended"]]).toEqual([200, "own-cell"]);
    expect(advice.text).toContain('"price":"349.00"');
    expect((await operator.send("GET", "/platform/tiers/none-such")).status).toBe(404);
    expect((await finance.send("GET", "/platform/tiers/small-clinic")).status).toBe(401);
    const made = await operator.send("POST", "/platform/tenants", {
      body: { name: "Weighed", profile: "special-regulation" },
    });
    expect(made.body["decision"]).toMatchObject({
      recommended: "own-cell",
      recommendedPrice: "349.00",
      chosen: "pooled",
      chosenPrice: "0.00",
    });
    const { body } = await operator.send("GET", "/platform/tenants");
    const kept = (body["tenants"] as unknown as { readonly id: string; readonly decision?: unknown }[]).find(
      ({ id }) => id === String(made.body["id"]),
    );
    expect(kept?.decision).toEqual(made.body["decision"]);
    const unknown = await operator.send("POST", "/platform/tenants", {
      body: { name: "Unweighed", profile: "none-such" },
    });
    expect(unknown.body["rule"]).toBe("profile-unknown");
  });

  it.each(["=HYPERLINK(1)", "+1", "-2", "@x", "\uff1dx", "a\u0007b", "a\nb"])(
    "AT-55 no clinic is called %j",
    async (name) => {
      const refused = await scene.world.operator.send("POST", "/platform/tenants", { body: { name } });
      expect([refused.status, JSON.stringify(refused.body["fields"])]).toEqual([
        400,
        '[{"path":"name","rule":"name-formula"}]',
      ]);
    },
  );
});
