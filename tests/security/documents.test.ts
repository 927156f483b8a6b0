import { DeleteObjectTaggingCommand, PutObjectTaggingCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attachmentBucketName } from "../../core/iam/index.ts";
import { UPLOAD_LIFETIME_MS } from "../../core/document/uploads.ts";
import { readPlan } from "../../scripts/local/provision/index.ts";
import { EICAR, pdf, png } from "../core/document/files.ts";
import { type Hands, handsOf, outcome, rootHands } from "./aws.ts";
import { openScene, type Scene, type Session } from "./clinic/scene.ts";
import { consentOf } from "./consent/scene.ts";
import { plunder } from "./documents/plunder.ts";
import { redeemAt, type Redeemed } from "./documents/redeem.ts";
import { eventsAbout, eventsOf, rowsOf } from "./http/state.ts";
import { type Answer, canaryPatient, type Json, SITE } from "./world.ts";

/** CLIN-8 over HTTP: files that mean harm, tickets in the wrong hands, and what rests where. */
let scene: Scene;
let doc: Session;
let other: Session;
let desk: Session;
let foreign: Session;
let patient = "";
const CANARY = "CANARYINASCANNEDLETTER";

beforeAll(async () => {
  scene = await openScene();
  const { a, b } = scene.world;
  doc = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
  other = await scene.signIn(await scene.hire(a, ["physician"]), "TREAT");
  desk = await scene.signIn(await scene.hire(a, ["front-desk"]), "HOPERAT");
  foreign = await scene.signIn(await scene.hire(b, ["physician"]), "TREAT");
  patient = String((await doc.send("POST", "/fhir/Patient", { body: canaryPatient(a) })).body["id"]);
});
afterAll(() => scene.close());

const must = (answer: Answer, status = 200): Json => {
  expect([answer.status, answer.text.slice(0, 400)]).toEqual([status, expect.any(String)]);
  return answer.body;
};

interface Sent {
  readonly bytes: Buffer;
  readonly name?: string;
  readonly type?: string;
  readonly more?: object;
}

const begin = (by: Session, { bytes, name = "letter.pdf", type = "application/pdf", more }: Sent): Promise<Answer> =>
  by.send("POST", "/clinic/document-uploads", {
    body: { patient, file: { name, type, sizeBytes: bytes.length }, type: "letter", title: "Letter", ...more },
  });

async function send(by: Session, sent: Sent): Promise<Answer> {
  const begun = await begin(by, sent);
  if (begun.status !== 201) return begun;
  const { id, parts, partBytes } = begun.body as unknown as { id: string; parts: number; partBytes: number };
  for (let part = 0; part < parts; part += 1) {
    const data = sent.bytes.subarray(part * partBytes, (part + 1) * partBytes).toString("base64");
    const answer = await by.send("PUT", `/clinic/document-uploads/${id}/parts/${part}`, { body: { data } });
    if (answer.status !== 200) return answer;
  }
  return by.send("POST", `/clinic/document-uploads/${id}/commit`);
}

/** Files it and has it looked at. */
async function file(by: Session, sent: Sent): Promise<Json> {
  const { id } = must(await send(by, sent)) as unknown as { id: string };
  return must(await by.send("POST", `/clinic/documents/${id}/check`));
}

/** As the frame of a preview asks. */
const redeem = (ticket: string, headers: Readonly<Record<string, string>> = {}): Promise<Redeemed> =>
  redeemAt(scene.world.stack.documentsOrigin, ticket, headers);

const ticketFor = async (by: Session, id: string, body: object = { use: "show" }): Promise<string> =>
  String(must(await by.send("POST", `/clinic/documents/${id}/preview`, { body }))["ticket"]);

describe("CLIN-8 a document from the device to the screen", () => {
  it("CLIN-8 is sent in parts, opened by nobody before it was looked at, and read as it was sent", async () => {
    const bytes = Buffer.concat([pdf(CANARY), Buffer.alloc(0)]);
    const pending = must(await send(doc, { bytes, name: "../Überweisung\u202E.pdf.exe" }));
    expect(pending).toMatchObject({ scan: "pending", preview: "none", isSavable: false, edition: 1, version: 1 });
    expect(pending["fileName"]).toBe("Überweisung_pdf_exe.pdf");
    const id = String(pending["id"]);
    for (const answer of [
      await doc.send("GET", `/clinic/documents/${id}/content`),
      await doc.send("POST", `/clinic/documents/${id}/preview`, { body: { use: "show" } }),
    ])
      expect([answer.status, answer.text.includes("document-pending")]).toEqual([422, true]);
    const checked = await doc.send("POST", `/clinic/documents/${id}/check`);
    expect(must(checked)).toMatchObject({ scan: "clean", preview: "pdf", isSavable: true, version: 2 });
    const told = eventsAbout(scene.world, scene.world.a.tenantId, checked);
    expect(told.find(({ interaction }) => interaction === "document.check")).toMatchObject({
      outcome: "success",
      reason: { code: "clean" },
      patient,
    });
    const read = await doc.send("GET", `/clinic/documents/${id}/content`);
    expect([read.status, read.text.includes(CANARY), read.text.length > 0]).toEqual([200, true, true]);
    expect(Object.fromEntries(read.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": expect.stringMatching(/^attachment; filename="Uberweisung_pdf_exe\.pdf"/) as string,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "content-security-policy": expect.stringContaining("default-src 'none'; sandbox") as string,
    });
    expect(eventsAbout(scene.world, scene.world.a.tenantId, read)).toMatchObject([
      { interaction: "document.read", outcome: "success", patient },
    ]);
    const list = must(await doc.send("GET", `/clinic/patients/${patient}/documents`));
    expect(list["documents"]).toMatchObject([{ id, title: "Letter", scan: "clean", by: { isMe: true } }]);
    expect(list["mayFile"]).toEqual({ clinical: true, administrative: true, labelled: false });
  });

  it("CLIN-8 goes on where it broke off, and takes no part twice, out of order or of another size", async () => {
    const bytes = Buffer.concat([pdf("x").subarray(0, -6), Buffer.alloc(1024 * 1024, 0x20), Buffer.from("%%EOF\n")]);
    const { id, parts, partBytes } = must(await begin(doc, { bytes }), 201) as unknown as Record<string, never>;
    expect(parts).toBe(2);
    const put = (part: number | string, from: number, to: number) =>
      doc.send("PUT", `/clinic/document-uploads/${String(id)}/parts/${part}`, {
        body: { data: bytes.subarray(from, to).toString("base64") },
      });
    const size = Number(partBytes);
    expect((await put(1, size, bytes.length)).text).toContain("upload-part");
    expect((await put(0, 0, size - 1)).text).toContain("document-size");
    expect(must(await put(0, 0, size))["received"]).toBe(1);
    expect(must(await put(0, 0, size))["received"]).toBe(1);
    expect((await put(0, 1, size)).text).toContain("upload-part");
    for (const part of ["-1", "9", "..", "0x1", "1e0"]) expect((await put(part, 0, 9)).status).toBeGreaterThan(399);
    expect((await doc.send("POST", `/clinic/document-uploads/${String(id)}/commit`)).text).toContain(
      "upload-incomplete",
    );
    expect(must(await doc.send("GET", `/clinic/document-uploads/${String(id)}`))["received"]).toBe(1);
    // Nobody else goes on with it, in this clinic or in another.
    for (const by of [other, foreign]) {
      const answer = await by.send("GET", `/clinic/document-uploads/${String(id)}`);
      expect(answer.status === 404 || answer.status === 403).toBe(true);
    }
    must(await put(1, size, bytes.length));
    const first = must(await doc.send("POST", `/clinic/document-uploads/${String(id)}/commit`));
    expect(must(await doc.send("POST", `/clinic/document-uploads/${String(id)}/commit`))).toEqual(first);
  });

  it("CLIN-8 has versions, a title and a type, and says when it was filed in error", async () => {
    const { id, version } = (await file(doc, { bytes: pdf("first") })) as unknown as { id: string; version: number };
    const replaces = { document: id, version };
    const next = await file(doc, {
      bytes: png(),
      name: "scan.png",
      type: "image/png",
      more: { replaces, title: "Scan" },
    });
    expect(next).toMatchObject({ id, edition: 2, mediaType: "image/png", title: "Scan", scan: "clean" });
    const stale = await send(doc, { bytes: pdf("late"), more: { replaces } });
    expect(stale.status).toBe(412);
    const described = must(
      await doc.send("PUT", `/clinic/documents/${id}`, {
        body: { version: next["version"], title: "Chest X-ray", type: "imaging-report", date: "2026-03-14" },
      }),
    );
    expect(described).toMatchObject({ title: "Chest X-ray", type: "imaging-report", date: "2026-03-14", edition: 2 });
    const history = must(await doc.send("GET", `/clinic/documents/${id}`));
    expect(history["editions"]).toMatchObject([
      { edition: 2, mediaType: "image/png", scan: "clean" },
      { edition: 1, mediaType: "application/pdf", scan: "clean" },
    ]);
    const first = await doc.send("GET", `/clinic/documents/${id}/content?edition=1`);
    expect(first.text).toContain("first");
    expect((await doc.send("GET", `/clinic/documents/${id}/content?edition=3`)).status).toBe(404);
    const kind = { version: described["version"], title: "x", type: "insurance-card" };
    expect((await doc.send("PUT", `/clinic/documents/${id}`, { body: kind })).text).toContain("document-kind");
    const gone = { version: described["version"], reason: "wrong-patient" };
    const withdrawn = must(await doc.send("POST", `/clinic/documents/${id}/withdraw`, { body: gone }));
    expect(withdrawn).toMatchObject({ isWithdrawn: true, may: [] });
    for (const path of [`/clinic/documents/${id}/content`, `/clinic/documents/${id}/content?edition=1`])
      expect((await doc.send("GET", path)).text).toContain("document-withdrawn");
  });
});

describe("AT-43 AT-44 files that mean harm", () => {
  const HTML = Buffer.from("<!doctype html><script>fetch('/session')</script>");
  const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  it.each<[string, Sent, string]>([
    ["HTML that is sent as a PDF", { bytes: HTML }, "document-type-mismatch"],
    ["HTML that is sent as text", { bytes: HTML, type: "text/plain", name: "a.txt" }, "document-type-mismatch"],
    ["HTML that says so", { bytes: HTML, type: "text/html", name: "a.html" }, "document-media-type"],
    ["SVG that says so", { bytes: SVG, type: "image/svg+xml", name: "a.svg" }, "document-media-type"],
    ["SVG that is sent as a picture", { bytes: SVG, type: "image/png", name: "a.svg.png" }, "document-type-mismatch"],
    [
      "a GIF that is a script",
      { bytes: Buffer.from("GIF89a=1;alert(1)//"), type: "image/jpeg" },
      "document-type-mismatch",
    ],
    ["a PNG that is sent as a PDF", { bytes: png() }, "document-type-mismatch"],
    [
      "a type with parameters of its own",
      { bytes: HTML, type: "application/pdf; x=text/html" },
      "document-type-mismatch",
    ],
  ])("AT-44 %s is refused, and the field is named", async (_what, sent, rule) => {
    const answer = await send(doc, sent);
    expect(answer.status).toBe(422);
    expect(answer.body["issue"] ?? answer.body).toBeDefined();
    expect([answer.text.includes(rule), answer.text.includes("file")]).toEqual([true, true]);
  });

  it("AT-44 what carries a virus or a file is under quarantine, and what would act by itself is only looked at", async () => {
    const infected = await file(doc, { bytes: Buffer.from(EICAR), type: "text/plain", name: "note.txt" });
    const carrying = await file(doc, { bytes: pdf("x", "/Names << /EmbeddedFiles 9 0 R >>") });
    for (const found of [infected, carrying]) {
      expect(found).toMatchObject({ scan: "infected", preview: "none", isSavable: false });
      const id = String(found["id"]);
      expect((await doc.send("GET", `/clinic/documents/${id}/content`)).text).toContain("document-infected");
      const body = { use: "show" };
      expect((await doc.send("POST", `/clinic/documents/${id}/preview`, { body })).text).toContain("document-infected");
      // It stays so: looking again changes nothing.
      expect(must(await doc.send("POST", `/clinic/documents/${id}/check`))).toMatchObject({ scan: "infected" });
    }
    const active = await file(doc, { bytes: pdf("x", "/OpenAction << /S /JavaScript /JS (x) >>") });
    expect(active).toMatchObject({ scan: "clean", preview: "pdf", isSavable: false, findings: ["active-content"] });
    const id = String(active["id"]);
    expect((await doc.send("GET", `/clinic/documents/${id}/content`)).text).toContain("document-preview-only");
    const save = await doc.send("POST", `/clinic/documents/${id}/preview`, { body: { use: "save" } });
    expect(save.text).toContain("document-preview-only");
    expect((await redeem(await ticketFor(doc, id))).status).toBe(200);
  });

  it("AT-44 no other door says that a file is clean, hangs another one under a record, or takes one away", async () => {
    const pending = must(await send(doc, { bytes: Buffer.from(EICAR), type: "text/plain", name: "a.txt" }));
    const id = String(pending["id"]);
    const resource = must(await doc.send("GET", `/fhir/DocumentReference/${id}`)) as unknown as Record<string, unknown>;
    expect(JSON.stringify(resource)).not.toContain(EICAR);
    const text = JSON.stringify(resource).replace('"pending"', '"clean"');
    const match = { "if-match": 'W/"1"' };
    const answers = [
      await doc.send("PUT", `/fhir/DocumentReference/${id}`, { body: JSON.parse(text), headers: match }),
      await doc.send("DELETE", `/fhir/DocumentReference/${id}`, { headers: match }),
      await doc.send("POST", "/fhir/DocumentReference", { body: { ...resource, id: undefined, meta: undefined } }),
    ];
    for (const answer of answers) expect([answer.status, answer.text.includes("document-door")]).toEqual([422, true]);
    expect(must(await doc.send("POST", `/clinic/documents/${id}/check`))).toMatchObject({ scan: "infected" });
  });

  it.each(["../x", "..%2f..%2fkeys", "%00", "a/b", "T%23x"])("AT-49 no path leads anywhere by %s", async (part) => {
    const answer = await doc.send("GET", `/clinic/documents/${part}/content`);
    expect([400, 403, 404]).toContain(answer.status);
  });
});

describe("AT-44 tickets", () => {
  let id = "";
  beforeAll(async () => {
    id = String((await file(doc, { bytes: pdf(CANARY) }))["id"]);
  });

  it("AT-44 open once, for a page without an origin, and say that nothing of it is run", async () => {
    const ticket = await ticketFor(doc, id);
    const opened = await redeem(ticket);
    expect([opened.status, opened.bytes.includes(CANARY)]).toEqual([200, true]);
    expect(opened.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "access-control-allow-origin": "null",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(opened.headers["set-cookie"]).toBeUndefined();
    expect(opened.headers["access-control-allow-credentials"]).toBeUndefined();
    const again = await redeem(ticket);
    expect([again.status, again.bytes.includes(CANARY), again.headers["access-control-allow-origin"]]).toEqual([
      404,
      false,
      undefined,
    ]);
  });

  it("AT-44 of two at the same moment one opens", async () => {
    const ticket = await ticketFor(doc, id);
    const both = await Promise.all([redeem(ticket), redeem(ticket)]);
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(["200", "404"]);
  });

  it("AT-44 a ticket that was made up, changed, sent with a session or at another origin is as unknown as none", async () => {
    const ticket = await ticketFor(doc, id);
    const [own, theirs] = [await ticketFor(doc, id), await ticketFor(other, id)];
    // The one's session with the other's secret.
    const mixed = Buffer.concat([
      Buffer.from(own, "base64url").subarray(0, 32),
      Buffer.from(theirs, "base64url").subarray(32),
    ]);
    const changed = Buffer.from(ticket, "base64url");
    changed[40] = (changed[40] ?? 0) ^ 1;
    const wrong = [
      await redeem(""),
      await redeem("x".repeat(86)),
      await redeem(Buffer.alloc(64, 1).toString("base64url")),
      await redeem(mixed.toString("base64url")),
      await redeem(changed.toString("base64url")),
      await redeem(`${ticket}=`),
      await redeem(ticket, { cookie: `__Host-sid=${doc.cookie()}` }),
      await redeem(ticket, { authorization: "Bearer x.y.z" }),
      await redeem(ticket, { origin: scene.world.stack.portalOrigin }),
      await redeem(ticket, { host: new URL(scene.world.stack.endpoint).host }),
    ];
    expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 404));
    for (const { bytes } of wrong) expect(bytes.includes(CANARY)).toBe(false);
    expect((await redeem(ticket)).status).toBe(200);
  });

  it("AT-44 a ticket dies with its session, and shows nothing of what came after it", async () => {
    const leaving = await scene.signIn(await scene.hire(scene.world.a, ["nurse"]), "TREAT");
    const ticket = await ticketFor(leaving, id);
    must(await leaving.send("POST", "/session/sign-out", { body: {} }), 204);
    expect((await redeem(ticket)).status).toBe(404);
    const early = await ticketFor(doc, id);
    const now = must(await doc.send("GET", `/clinic/documents/${id}`))["document"] as Json;
    await file(doc, { bytes: pdf("second"), more: { replaces: { document: id, version: now["version"] } } });
    expect((await redeem(early)).status).toBe(404);
    expect((await redeem(await ticketFor(doc, id))).bytes.includes("second")).toBe(true);
    expect((await redeem(await ticketFor(doc, id, { use: "show", edition: 1 }))).bytes.includes(CANARY)).toBe(true);
  });

  it("AT-44 a ticket is worth nothing after a minute, and no more than eight are open", async () => {
    const late = await ticketFor(doc, id);
    const oldest = await ticketFor(doc, id);
    for (let count = 0; count < 8; count += 1) await ticketFor(doc, id);
    expect((await redeem(oldest)).status).toBe(404);
    const last = await ticketFor(doc, id);
    await scene.clock.advance(61_000);
    expect([(await redeem(late)).status, (await redeem(last)).status]).toEqual([404, 404]);
  });

  it("AT-44 a file of several parts is opened by one ticket after the other", async () => {
    const text = Buffer.concat([Buffer.alloc(3 * 1024 * 1024, "first "), Buffer.from("last")]);
    const large = await file(doc, { bytes: text, type: "text/plain", name: "long.txt" });
    const first = await redeem(await ticketFor(doc, String(large["id"])));
    const next = String(first.headers["x-next-ticket"]);
    const second = await redeem(next);
    expect(Buffer.concat([first.bytes, second.bytes]).equals(text)).toBe(true);
    expect(second.headers["x-next-ticket"]).toBeUndefined();
    expect((await redeem(next)).status).toBe(404);
  });
});

describe("CLIN-8 who reaches which document", () => {
  it("UIX-10 another clinic's document is byte for byte one that never was", async () => {
    const id = String((await file(doc, { bytes: pdf("x") }))["id"]);
    const never = `${id.slice(0, 27)}0${id.slice(28)}`;
    const bytesOf = async (path: string, by: Session, method = "GET", body?: object) => {
      const { status, text } = await by.send(method, path, body === undefined ? {} : { body });
      return `${status} ${text.replace(/"[0-9a-f-]{36}"/g, "")}`;
    };
    for (const [method, rest, body] of [
      ["GET", "", undefined],
      ["GET", "/content", undefined],
      ["POST", "/check", undefined],
      ["POST", "/preview", { use: "show" }],
      ["PUT", "", { version: 1, title: "x", type: "letter" }],
    ] as const) {
      const [theirs, nobodys] = [
        await bytesOf(`/clinic/documents/${id}${rest}`, foreign, method, body),
        await bytesOf(`/clinic/documents/${never}${rest}`, foreign, method, body),
      ];
      expect(theirs).toBe(nobodys);
      expect(theirs).toMatch(/^404 /);
    }
  });

  it("CLIN-8 the front desk files and reads the office's papers, and no clinical one", async () => {
    const card = await file(desk, {
      bytes: png(),
      name: "card.png",
      type: "image/png",
      more: { type: "insurance-card" },
    });
    const clinical = String((await file(doc, { bytes: pdf(CANARY) }))["id"]);
    expect((await redeem(await ticketFor(desk, String(card["id"])))).status).toBe(200);
    expect((await begin(desk, { bytes: pdf("x") })).status).toBe(403);
    for (const path of ["", "/content"])
      expect([403, 404]).toContain((await desk.send("GET", `/clinic/documents/${clinical}${path}`)).status);
    const list = await desk.send("GET", `/clinic/patients/${patient}/documents`);
    expect(must(list)["documents"]).toMatchObject([{ id: card["id"], type: "insurance-card" }]);
    expect(must(list)["mayFile"]).toEqual({ clinical: false, administrative: true, labelled: false });
    const named = must(await doc.send("GET", `/clinic/patients/${patient}/documents`))["documents"] as readonly Json[];
    expect(named.some(({ id }) => id === card["id"])).toBe(true);
  });

  it("CLIN-8 nobody files under a label where no consent opens it, and a label that comes later closes what is there", async () => {
    const labelled = await begin(doc, { bytes: pdf("x"), more: { label: "PSYTHPN" } });
    expect(labelled.status).toBe(403);
    const wrong = await begin(doc, { bytes: png(), type: "image/png", more: { type: "insurance-card", label: "HIV" } });
    expect([403, 422]).toContain(wrong.status);
    const id = String((await file(doc, { bytes: pdf(CANARY) }))["id"]);
    const ticket = await ticketFor(doc, id);
    const resource = must(await doc.send("GET", `/fhir/DocumentReference/${id}`)) as unknown as Record<string, unknown>;
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSYTHPN" }];
    const put = await doc.send("PUT", `/fhir/DocumentReference/${id}`, {
      body: { ...resource, meta: { security } },
      headers: { "if-match": 'W/"2"' },
    });
    expect(put.status).toBe(200);
    const closed = await doc.send("GET", `/clinic/documents/${id}/content`);
    expect([403, 404]).toContain(closed.status);
    const opened = await redeem(ticket);
    expect([opened.status === 200, opened.bytes.includes(CANARY)]).toEqual([false, false]);
    expect((await doc.send("GET", `/clinic/patients/${patient}/documents`)).text).not.toContain(id);
  });

  it("KEY-3 a label that comes by FHIR closes the content to a stolen session of the class that it left, and lets it be lifted", async () => {
    const { world } = scene;
    const { tenantId } = world.a;
    const hers = String((await doc.send("POST", "/fhir/Patient", { body: canaryPatient(world.a) })).body["id"]);
    const bytes = pdf(`${CANARY}-hiv`);
    const { id } = await file(doc, { bytes, more: { patient: hers, title: "HIV-LETTER" } });
    const about = { patient: hers, document: String(id), sizeBytes: bytes.length };
    // With nothing but class C she reads it all: the attack works where nothing stops it.
    const open = await plunder(world, tenantId, about);
    expect([open.contents.length, open.contents[0]?.includes(CANARY)]).toEqual([1, true]);

    const fhir = `/fhir/DocumentReference/${String(id)}`;
    const relabelled = async (security: object) => {
      const current = await doc.send("GET", fhir);
      const body = { ...(JSON.parse(current.text) as object), meta: { security: [security] } };
      return doc.send("PUT", fhir, { body, headers: { "if-match": current.headers.get("etag") ?? "" } });
    };
    const remembers = must(await doc.send("GET", fhir)) && (await doc.send("GET", `${fhir}/_history`)).text;
    const hiv = { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "HIV" };
    expect((await relabelled(hiv)).status).toBe(200);
    const closed = await plunder(world, tenantId, { ...about, remembers });
    // The sealed bytes are where they were; nothing that she reaches or was ever shown opens them, or says what they are.
    expect([closed.objects, closed.contents]).toEqual([1, []]);
    expect(closed.rows).not.toMatch(/HIV-LETTER|letter\.pdf/);
    for (const path of [fhir, `${fhir}/_history`, `/clinic/documents/${String(id)}/content`])
      expect([403, 404]).toContain((await doc.send("GET", path)).status);

    const permit = { type: "permit", securityLabel: [hiv] };
    must(await desk.send("POST", "/fhir/Consent", { body: consentOf(hers, permit) }), 201);
    expect((await doc.send("GET", `/clinic/documents/${String(id)}/content`)).text).toContain(CANARY);
    const next = await file(doc, { bytes, more: { patient: hers, label: "HIV" } });
    const plain = { system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "N" };
    expect((await relabelled(plain)).status).toBe(200);
    expect((await plunder(world, tenantId, about)).contents).toHaveLength(1);
    expect((await doc.send("GET", `/clinic/documents/${String(id)}/content`)).text).toContain(CANARY);
    // What was sealed as a special category is never opened to who holds none.
    const other = `/fhir/DocumentReference/${String(next["id"])}`;
    const sealed = await doc.send("GET", other);
    const lifted = await doc.send("PUT", other, {
      body: { ...(JSON.parse(sealed.text) as object), meta: { security: [plain] } },
      headers: { "if-match": sealed.headers.get("etag") ?? "" },
    });
    expect([lifted.status, lifted.text.includes("file it anew")]).toEqual([422, true]);
  });

  it("CLIN-8 UIX-10 what rests in S3 is sealed, under names that say nothing", () => {
    const { a, b } = scene.world;
    const objects = [...scene.world.stack.cloud.s3.dumpObjects(attachmentBucketName(SITE))];
    expect(objects.length).toBeGreaterThan(10);
    for (const { key, bytes = Buffer.alloc(0) } of objects) {
      expect(key).toMatch(new RegExp(`^t/(?:${a.tenantId}|${b.tenantId})/[CSD]/[0-9a-f]{64}$`));
      expect(bytes.subarray(0, 4).toString()).toBe("KWD1");
      for (const word of [CANARY, "%PDF", "Letter", EICAR]) expect(bytes.includes(word)).toBe(false);
    }
    const words = [CANARY, "Überweisung", "Chest X-ray"];
    const rows = rowsOf(scene.world, a.tenantId).join("\n");
    const events = JSON.stringify(eventsOf(scene.world, a.tenantId));
    const logs = [...scene.world.stack.logs().values()].flat().join("\n");
    for (const word of words) expect([rows, events, logs].some((text) => text.includes(word))).toBe(false);
  });

  it("CLIN-8 what was never filed expires by its tag, and nobody can make that of what was", async () => {
    const { world } = scene;
    const Bucket = attachmentBucketName(SITE);
    const objects = () => [...world.stack.cloud.s3.dumpObjects(Bucket)];
    const before = new Set(objects().map(({ key }) => key));
    const bytes = pdf("never filed");
    const { id } = must(await begin(doc, { bytes }), 201);
    const data = bytes.toString("base64");
    must(await doc.send("PUT", `/clinic/document-uploads/${String(id)}/parts/0`, { body: { data } }));
    const left = objects().find(({ key }) => !before.has(key));
    const kept = objects().find(({ tags }) => tags["content"] === "filed");
    if (left?.tags["content"] !== "open" || kept === undefined) throw new Error("there are parts of both kinds");
    const { tenantId } = world.a;
    const hands = handsOf(world, await world.credentials({ tenantId, classes: ["C", "S", "D", "X", "I"] }));
    const tag = (by: Hands, Key: string, ...values: readonly string[]) => {
      const TagSet = values.map((Value, at) => ({ Key: at === 0 ? "content" : `more${at}`, Value }));
      return outcome(by.s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } })));
    };
    const bare = (by: Hands, Key: string) => outcome(by.s3.send(new DeleteObjectTaggingCommand({ Bucket, Key })));
    const root = rootHands(world);
    for (const by of [hands, root]) {
      expect(await tag(by, kept.key, "open")).toBe("AccessDenied");
      expect(await tag(by, kept.key, "gone")).toBe("AccessDenied");
      expect(await bare(by, kept.key)).toBe("AccessDenied");
    }
    expect(await tag(hands, left.key, "gone")).toBe("AccessDenied");
    expect(await tag(hands, left.key.replace(tenantId, world.b.tenantId), "filed")).toBe("AccessDenied");
    expect(await tag(hands, kept.key, "filed")).toBe("allowed");
    for (const each of [hands, root]) each.destroy();
    // What the lifecycle lets expire is what is tagged like this part, long after its upload could still be filed.
    const lifecycle = readPlan("dev").resources.find(({ name }) => name === "AttachmentsDeleted");
    expect(lifecycle?.inputs["rules"]).toContainEqual({
      id: "never-filed",
      status: "Enabled",
      filter: { tag: { key: "content", value: left.tags["content"] } },
      expiration: { days: 2 * (UPLOAD_LIFETIME_MS / 86_400_000) },
    });
  });
});
