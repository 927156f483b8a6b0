import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealKey } from "../../core/audit/layout.ts";
import { archiveBucketName, functionName, roleArn } from "../../core/iam/index.ts";
import { STANDING_TTL_MS } from "../../core/identity/standing.ts";
import { openScene, type Scene, type Session } from "./clinic/scene.ts";
import { signMember } from "./http/members.ts";
import { type Answer, canaryObservation, canaryPatient, type Json, SITE } from "./world.ts";

/**
 * What a clinic's privacy officer, administrator, auditor and clinician are answered: consents by form, the lists beside
 * the acts, the state of the trail, and the checklist before a clinic opens.
 */
let scene: Scene;
let one: Session;
let two: Session;
let auditor: Session;
let desk: Session;
beforeAll(async () => {
  scene = await openScene();
  const { a } = scene.world;
  one = await scene.signInSteppedUp(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
  two = await scene.signInSteppedUp(await scene.hire(a, ["clinic-administrator"]), "HOPERAT");
  auditor = await scene.signIn(await scene.hire(a, ["auditor"]), "HOPERAT");
  desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
});
afterAll(() => scene.close());

const treat = { headers: { "x-purpose-of-use": "TREAT" } };
async function file(): Promise<string> {
  const { a } = scene.world;
  const made = await a.doc.send("POST", "/fhir/Patient", { body: canaryPatient(a), ...treat });
  expect(made.status).toBe(201);
  return String(made.body["id"]);
}
const signature = { kind: "in-person", signedOn: "2026-11-20", by: "patient" };
const byRole = (role: string) => [{ kind: "role", role }];
const restrict = (role = "physician") => ({ form: "restrict", signature, recipients: byRole(role), part: "clinical" });
const record = (by: Session, patient: string, body: unknown, headers = {}): Promise<Answer> =>
  by.send("POST", `/clinic/patients/${patient}/consents`, { body, headers });
const revoke = (by: Session, patient: string, consent: string, version = 1): Promise<Answer> =>
  by.send("POST", `/clinic/patients/${patient}/consents/${consent}/revoke`, {
    body: { version, reason: { code: "patient-request" } },
  });
const list = async (by: Session, patient: string): Promise<readonly Json[]> => {
  const answer = await by.send("GET", `/clinic/patients/${patient}/consents`);
  expect(answer.status).toBe(200);
  return answer.body["consents"] ?? [];
};

describe("POL-1 consents by form", () => {
  it("POL-14 a restriction counts from the next request on, and its end from the one after it", async () => {
    const { a } = scene.world;
    const patient = await file();
    const read = async (): Promise<number> => {
      const found = await a.doc.send("GET", `/fhir/Observation?patient=${patient}`, treat);
      return found.status;
    };
    await a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, patient), ...treat });
    expect(await read()).toBe(200);
    const made = await record(desk, patient, restrict());
    expect([made.status, made.body["state"]]).toEqual([201, "active"]);
    expect(await read()).toBe(403);
    const id = String(made.body["id"]);
    const gone = await revoke(desk, patient, id);
    expect([gone.status, gone.body["state"]]).toEqual([200, "revoked"]);
    expect(await read()).toBe(200);
    expect((await list(desk, patient)).map(({ state, version }) => [state, version])).toEqual([["revoked", 2]]);
    // What was taken back is not taken back once more, and a page that is behind changes nothing.
    expect((await revoke(desk, patient, id, 2)).status).toBe(422);
  });

  it("POL-14 a patient who refuses everybody takes it back at the desk, which still reads her consents", async () => {
    const patient = await file();
    const all = await record(desk, patient, { ...restrict("front-desk"), part: "everything" });
    expect(all.status).toBe(201);
    expect((await desk.send("GET", `/fhir/Patient/${patient}`)).status).not.toBe(200);
    expect((await revoke(desk, patient, String(all.body["id"]))).status).toBe(200);
    expect((await desk.send("GET", `/fhir/Patient/${patient}`)).status).toBe(200);
  });

  it("POL-1 a preview says who loses what, stores nothing, and names no patient", async () => {
    const patient = await file();
    const path = `/clinic/patients/${patient}/consents/preview`;
    const shown = await desk.send("POST", path, { body: { record: restrict() } });
    expect(shown.status).toBe(200);
    const effects = shown.body["effects"] as unknown as { party: { name: string }; roles: string[]; loses: string[] }[];
    expect(effects.length).toBeGreaterThan(0);
    expect(new Set(effects.flatMap(({ roles }) => roles))).toEqual(new Set(["physician"]));
    expect(effects[0]).toMatchObject({ party: { name: "physician" }, loses: ["clinical"] });
    expect(shown.text).not.toContain(scene.world.a.canary);
    expect(await list(desk, patient)).toEqual([]);
    const made = await record(desk, patient, restrict());
    const back = await desk.send("POST", path, { body: { revoke: String(made.body["id"]) } });
    expect(back.body["effects"]?.[0]?.["gains"]).toEqual(["clinical"]);
  });

  it("POL-1 a form is refused to whom it is not, about nobody, under another's patient and twice under one key", async () => {
    const [patient, other] = [await file(), await file()];
    const research = {
      form: "research",
      signature,
      study: "x",
      recipients: byRole("physician"),
      parts: ["clinical"],
      expiry: "none",
    };
    expect((await record(desk, patient, research)).status).toBe(403);
    const nobody = { ...restrict(), recipients: [{ kind: "person", id: scene.world.b.tenantId }] };
    const refused = await record(desk, patient, nobody);
    expect([refused.status, refused.body["rule"]]).toEqual([422, "consent-party"]);
    const key = { "idempotency-key": "consent-once-0001" };
    const first = await record(desk, patient, restrict(), key);
    const again = await record(desk, patient, restrict(), key);
    expect([again.status, again.body["id"]]).toEqual([201, first.body["id"]]);
    expect((await list(desk, patient)).length).toBe(1);
    expect((await revoke(desk, other, String(first.body["id"]))).status).toBe(404);
  });

  it("RET-3 under a hold nothing is taken back, and a new word is still written down", async () => {
    const patient = await file();
    const made = await record(desk, patient, restrict("billing"));
    const reason = { code: "litigation", text: "an exercise of this test" };
    await one.send("POST", "/clinic/holds", { body: { patient, mode: "frozen", reason } });
    expect((await revoke(desk, patient, String(made.body["id"]))).status).toBe(423);
    expect((await record(desk, patient, restrict("nurse"))).status).toBe(201);
    const answer = await desk.send("GET", `/clinic/patients/${patient}/consents`);
    expect(answer.body["hold"]).toBe("frozen");
  });
});

describe("UIX-4 that a psychotherapy note exists", () => {
  const NOTE = {
    meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSYTHPN" }] },
  };
  const notesIn = async (patient: string): Promise<string> => {
    const view = await scene.world.a.doc.send(
      "GET",
      `/clinic/patients/${patient}/view?section=psychotherapyNotes`,
      treat,
    );
    expect(view.status).toBe(200);
    return JSON.stringify(view.body["sections"] ?? view.body).replaceAll(patient, "PATIENT");
  };
  const withoutTimes = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "T");

  it("UIX-4 is hidden where policy hides it, and shown to whom the patient's consent names", async () => {
    const { a } = scene.world;
    const [one, none] = [await file(), await file()];
    const written = await a.doc.send("POST", "/fhir/Observation", { body: canaryObservation(a, one, NOTE), ...treat });
    expect(written.status).toBe(201);
    // Restricted in the same words, whether there is a note or not.
    const hidden = withoutTimes(await notesIn(one));
    expect(hidden).toContain("restricted");
    expect(hidden).toBe(withoutTimes(await notesIn(none)));

    const people = await two.send("GET", "/clinic/people");
    const known = people.body["people"] as unknown as { id: string; name: string }[];
    const reader = known.find(({ name }) => name === "physician")?.id;
    const therapist = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
    const form = {
      form: "therapy-notes",
      signature,
      recipients: [{ kind: "person", id: reader }],
      purposes: ["TREAT"],
    };
    for (const patient of [one, none]) expect((await record(therapist, patient, form)).status).toBe(201);
    const [shown, nothing] = [await notesIn(one), await notesIn(none)];
    expect([shown, nothing].map((text) => text.includes('"value":['))).toEqual([true, false]);
    expect([shown, nothing].join(" ")).not.toContain("restricted");
    expect(nothing).not.toBe(shown);

    // The desk does not even learn that there could be one.
    for (const patient of [one, none]) {
      const office = await desk.send("GET", `/clinic/patients/${patient}/view`);
      expect(office.body["sections"]?.["psychotherapyNotes"]).toEqual({ state: "absent" });
    }
  });
});

describe("AUD-6 names in answers", () => {
  it("AUD-6 members are named to whom policy lets know them; patients and other clinics' people never", async () => {
    const { a, b } = scene.world;
    const patient = await file();
    const herself = await signMember(scene.world, {
      tenantId: a.tenantId,
      login: "a.herself",
      roles: ["patient"],
      patientId: patient,
    });
    await herself.caller.send("GET", `/clinic/patients/${patient}/view`, { headers: { "x-purpose-of-use": "PATRQT" } });
    const people = await one.send("GET", "/clinic/people");
    const named = people.body["people"] as unknown as { id: string; name: string; roles: string[] }[];
    expect(named.map(({ name }) => name)).toContain("physician");
    expect(named.flatMap(({ roles }) => roles)).not.toContain("patient");
    expect(people.text).not.toContain("a.herself");
    expect(people.text).not.toContain(b.member("physician").login);
    await scene.world.stack.drain();
    const found = await auditor.send("GET", `/clinic/audit/events?patient=${patient}`);
    expect(found.status).toBe(200);
    const names = Object.values(found.body["people"] as unknown as Record<string, { name: string }>).map(
      ({ name }) => name,
    );
    expect(names).toContain("physician");
    // Her own account is in the events by its id, and without a name.
    expect(found.text).toContain(herself.userId);
    expect(found.text).not.toContain("a.herself");
    expect(found.text).not.toContain(a.canary);
    const own = await herself.caller.send("GET", "/clinic/people", { headers: { "x-purpose-of-use": "PATRQT" } });
    expect(own.status).toBe(403);
  });
});

describe("UIX-7 what waits for a second person", () => {
  it("UIX-7 an export and a release are listed with what they are about, and nobody decides her own", async () => {
    const patient = await file();
    const started = await one.send("POST", "/clinic/exports", {
      body: { purpose: "HOPERAT", reason: { code: "migration", text: "the clinic moves to another system" } },
    });
    expect(started.status).toBe(202);
    await one.send("POST", "/clinic/holds", {
      body: { patient, mode: "frozen", reason: { code: "litigation", text: "an exercise of this test" } },
    });
    const asked = await one.send("POST", `/clinic/holds/${patient}/release`, {
      body: { reason: { code: "matter-closed", text: "an exercise of this test" } },
    });
    expect(asked.status).toBe(202);
    const waiting = async (by: Session): Promise<unknown[]> => {
      const answer = await by.send("GET", "/clinic/approvals");
      const all = answer.body["approvals"] as unknown as {
        kind: string;
        patient?: string;
        export?: string;
        mayApprove: boolean;
      }[];
      return all
        .map(({ kind, patient: about, export: job, mayApprove }) => [kind, about ?? job, mayApprove])
        .toSorted((left, right) => String(left).localeCompare(String(right)));
    };
    const id = String(started.body["id"]);
    expect(await waiting(one)).toEqual([
      ["export", id, false],
      ["hold-release", patient, false],
    ]);
    expect(await waiting(two)).toEqual([
      ["export", id, true],
      ["hold-release", patient, true],
    ]);
    expect(await waiting(auditor)).toEqual([
      ["export", id, false],
      ["hold-release", patient, false],
    ]);
    const exports = await two.send("GET", "/clinic/exports");
    expect(exports.body["exports"]).toMatchObject([{ id, state: "requested", isOwn: false, mayApprove: true }]);
    expect((await one.send("DELETE", `/clinic/exports/${id}`)).status).toBe(200);
    expect(await waiting(two)).toEqual([["hold-release", patient, true]]);
  });
});

describe("AUD-4 the state of the trail", () => {
  const stateOf = async (): Promise<Record<string, string>> => {
    const answer = await auditor.send("GET", "/clinic/audit/chain");
    expect(answer.status).toBe(200);
    const checks = answer.body["checks"] as unknown as { check: string; state: string }[];
    return Object.fromEntries(checks.map(({ check, state }) => [check, state]));
  };
  it("AUD-4 holds after a seal and a countersignature, and a forged checkpoint does not", async () => {
    const { stack, a } = scene.world;
    await stack.drain();
    await stack.lambda.invoke(functionName(SITE, "seal"), {});
    await stack.lambda.invoke(functionName(SITE, "witness"), {});
    expect(await stateOf()).toMatchObject({ signature: "holds", witness: "holds", continues: "holds" });
    // More is sealed than was countersigned: the newest tree still continues the one that the witness saw.
    await file();
    await stack.drain();
    await stack.lambda.invoke(functionName(SITE, "seal"), {});
    const behind = await auditor.send("GET", "/clinic/audit/chain");
    expect(Number(behind.body["unwitnessed"])).toBeGreaterThan(0);
    expect(await stateOf()).toMatchObject({ signature: "holds", continues: "holds" });

    // What a sealer could write that lost its key: root may not, the bucket's policy stands against it.
    const role = roleArn(SITE, `keyward-${SITE.stage}-fn-seal`);
    const credentials = stack.cloud.iam.issueServiceSession(role, "lambda.amazonaws.com", "test");
    const s3 = new S3Client({
      region: SITE.region,
      endpoint: stack.endpoint,
      forcePathStyle: true,
      credentials,
    });
    const seal = {
      v: 1,
      tenant: a.tenantId,
      number: 9_999,
      from: 0,
      size: 1,
      sealedAt: 1,
      objects: [{ key: "x", sha256: "0".repeat(64), events: 1 }],
      leaves: Buffer.alloc(32).toString("base64"),
      checkpoint: String((await auditor.send("GET", "/clinic/audit/checkpoint")).body["checkpoint"]).replace(
        /\n\d+\n/,
        "\n1\n",
      ),
    };
    await s3.send(
      new PutObjectCommand({
        Bucket: archiveBucketName(SITE),
        Key: sealKey(a.tenantId, 9_999),
        Body: JSON.stringify(seal),
        IfNoneMatch: "*",
      }),
    );
    s3.destroy();
    expect(await stateOf()).toMatchObject({ signature: "fails", continues: "fails" });
  });
});

describe("UIX-1 a clinic with a checklist", () => {
  it("UIX-1 takes in no patient until its administrator has done it and opened it", async () => {
    const { world } = scene;
    const name = "Harbor Street Clinic";
    const made = await world.operator.send("POST", "/platform/tenants", { body: { name, goLive: "after-checklist" } });
    expect(made.status).toBe(201);
    const clinic = { ...world.a, tenantId: String(made.body["id"]) as typeof world.a.tenantId };
    const [first, second] = [
      await scene.hire(clinic, ["clinic-administrator"]),
      await scene.hire(clinic, ["clinic-administrator"]),
    ];
    const front = await scene.signIn(await scene.hire(clinic, ["front-desk"]), "HOPERAT");
    const admin = await scene.signInSteppedUp(first, "HOPERAT");
    const create = (): Promise<Answer> => front.send("POST", "/fhir/Patient", { body: canaryPatient(world.a) });
    const open = (confirm = name): Promise<Answer> =>
      admin.send("POST", "/clinic/settings/go-live", { body: { confirm } });
    const undone = async (): Promise<unknown> => {
      const { body } = await admin.send("GET", "/clinic/settings/readiness");
      const items = body["items"] as unknown as { item: string; isDone: boolean }[];
      return [body["state"], ...items.filter(({ isDone }) => !isDone).map(({ item }) => item)];
    };
    expect((await create()).status).toBe(403);
    expect(await undone()).toEqual(["gated", "privacy-officers", "relationship", "time-zone"]);
    expect((await open()).body["rule"]).toBe("checklist");
    const changed = await admin.send("PUT", "/clinic/settings/privacy", {
      headers: { "x-reason": "onboarding" },
      body: {
        relationship: "open",
        privacyOfficers: [second.userId],
      },
    });
    expect(changed.status).toBe(200);
    expect(await undone()).toEqual(["gated", "time-zone"]);
    const zoned = await admin.send("PUT", "/clinic/profile/time-zone", {
      headers: { "if-match": 'W/"0"' },
      body: { timeZone: "America/New_York" },
    });
    expect(zoned.status).toBe(200);
    expect(await undone()).toEqual(["gated"]);
    expect((await create()).status).toBe(403);
    expect((await open("Some other clinic")).body["rule"]).toBe("confirmation");
    expect((await open()).status).toBe(200);
    expect(await undone()).toEqual(["live"]);
    expect((await open()).body["rule"]).toBe("already-live");
    // Who somebody is, and in which clinic, is remembered for five seconds at most.
    await scene.clock.advance(STANDING_TTL_MS);
    expect((await create()).status).toBe(201);
    // Whoever changes the settings afterwards does not close it again.
    await admin.send("PUT", "/clinic/settings/privacy", {
      headers: { "x-reason": "onboarding" },
      body: { relationship: "open", privacyOfficers: [second.userId] },
    });
    await scene.clock.advance(STANDING_TTL_MS);
    expect((await create()).status).toBe(201);
  });
});
