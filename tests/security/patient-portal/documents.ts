import { beforeAll, describe, expect, it } from "vitest";
import { EICAR, pdf } from "../../core/document/files.ts";
import type { Scene, Session } from "../clinic/scene.ts";
import { redeemAt } from "../documents/redeem.ts";
import { essence, unknownLike } from "../http/answers.ts";
import { eventsAbout } from "../http/state.ts";
import { type Answer, canaryPatient } from "../world.ts";
import { file, type PortalScene, secret } from "./scene.ts";

/** CLIN-8, CLIN-11: a patient's own documents, and who wants those of others. */
export function ownDocuments(use: () => PortalScene): void {
  let scene: Scene;
  let ada: Session;
  let doc: Session;
  let app: PortalScene["app"];
  let adaId: string;
  let bobId: string;
  beforeAll(() => {
    ({ scene, ada, doc, app, adaId, bobId } = use());
  });

  const must = (answer: Answer, ...statuses: number[]): Answer["body"] => {
    expect([answer.status, answer.text.slice(0, 300)]).toEqual([
      statuses.includes(answer.status) ? answer.status : (statuses[0] ?? 200),
      expect.any(String),
    ]);
    return answer.body;
  };

  async function send(by: Session, patient: string, bytes: Buffer, more: object = {}): Promise<string> {
    const upload = { name: "letter.pdf", type: "application/pdf", sizeBytes: bytes.length };
    const begun = await by.send("POST", "/clinic/document-uploads", {
      body: { patient, file: upload, type: "letter", title: "Letter", ...more },
    });
    const id = String(must(begun, 201, 200)["id"]);
    const data = bytes.toString("base64");
    must(await by.send("PUT", `/clinic/document-uploads/${id}/parts/0`, { body: { data } }), 200);
    return String(must(await by.send("POST", `/clinic/document-uploads/${id}/commit`), 200)["id"]);
  }

  async function filed(by: Session, patient: string, bytes: Buffer, more: object = {}): Promise<string> {
    const id = await send(by, patient, bytes, more);
    must(await by.send("POST", `/clinic/documents/${id}/check`), 200);
    return id;
  }

  const redeem = (ticket: string) => redeemAt(scene.world.stack.documentsOrigin, ticket);
  const preview = (id: string, body: object = { use: "show" }) =>
    ada.send("POST", `/patient/documents/${id}/preview`, { body });
  const titles = async (): Promise<readonly string[]> =>
    (must(await ada.send("GET", "/patient/documents"), 200)["documents"] as unknown as { title: string }[]).map(
      ({ title }) => title,
    );

  describe("CLIN-8 her own documents", () => {
    it("CLIN-8 are listed, shown by a ticket once, and kept, each leaving its event in her own record", async () => {
      const { a } = scene.world;
      const bytes = pdf("CANARYLETTER");
      const id = await filed(doc, adaId, bytes, { title: "Letter to Ada" });
      expect(await titles()).toContain("Letter to Ada");
      const made = await preview(id);
      const ticket = String(must(made, 200)["ticket"]);
      const shown = await redeem(ticket);
      expect([shown.status, shown.bytes.equals(bytes)]).toEqual([200, true]);
      expect(shown.headers["content-type"]).toBe("application/octet-stream");
      expect((await redeem(ticket)).status).toBe(404);
      const kept = await ada.send("GET", `/patient/documents/${id}/content`);
      expect([kept.status, kept.text.includes("CANARYLETTER")]).toEqual([200, true]);
      for (const answer of [made, kept])
        expect(eventsAbout(scene.world, a.tenantId, answer)).toMatchObject([
          { interaction: "portal.document", outcome: "success", patient: adaId },
        ]);
      // The clinic's own doors stay shut for her, and hers for the clinic.
      for (const path of [`/clinic/documents/${id}`, `/clinic/documents/${id}/content`])
        expect((await ada.send("GET", path)).status).toBe(403);
      expect((await doc.send("GET", `/patient/documents/${id}/content`)).status).toBe(403);
    });

    it("CLIN-8 another patient's, another clinic's, quarantined, unseen, withheld and unknown ones are one answer", async () => {
      const { a, b } = scene.world;
      const foreign = await scene.signIn(await scene.hire(b, ["physician"]), "TREAT");
      const theirs = await file(b, canaryPatient(b));
      const hidden = [
        await filed(doc, bobId, pdf(secret("bob")), { title: secret("bob") }),
        await filed(foreign, theirs, pdf(secret("foreign")), { title: secret("foreign") }),
        await send(doc, adaId, pdf(secret("unseen")), { title: secret("unseen") }),
        await filed(doc, adaId, Buffer.from(EICAR), {
          file: { name: "x.txt", type: "text/plain", sizeBytes: Buffer.from(EICAR).length },
          title: secret("infected"),
        }),
      ];
      const withheld = await file(a, {
        resourceType: "DocumentReference",
        status: "current",
        subject: { reference: `Patient/${adaId}` },
        meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSYTHPN" }] },
        content: [{ attachment: { title: secret("therapy") } }],
      });
      const unknown = unknownLike(`${adaId}.${adaId}`);
      const asks = [
        (name: string) => preview(name),
        (name: string) => ada.send("GET", `/patient/documents/${name}/content`),
        (name: string) => ada.send("GET", `/patient/documents/${name}/content?slice=1`),
      ];
      for (const ask of asks) {
        const none = essence(await ask(unknown), unknown);
        for (const id of [...hidden, withheld]) {
          const answer = await ask(id);
          expect([answer.status, answer.text.includes("SECRET")]).toEqual([404, false]);
          expect(essence(answer, id)).toEqual(none);
        }
      }
      const headers = { "x-purpose-of-use": "PATRQT" };
      const [bobs = "", , unseen = "", infected = ""] = hidden;
      for (const id of [unseen, infected, withheld])
        expect((await app.send("GET", `/fhir/DocumentReference/${id}`, { headers })).status).toBe(404);
      expect((await app.send("GET", `/fhir/DocumentReference/${bobs}`, { headers })).status).toBe(403);
      expect((await titles()).join()).not.toContain("SECRET");
      expect((await ada.send("GET", "/patient/home")).text).not.toContain("SECRET");
    });

    it("CLIN-8 what was replaced is opened by nobody any more: not by its number, and not by a ticket from before", async () => {
      const id = await filed(doc, adaId, pdf("FIRST"), { title: "Plan" });
      const ticket = String(must(await preview(id), 200)["ticket"]);
      const version = Number(must(await doc.send("GET", `/clinic/documents/${id}`), 200)["document"]?.["version"]);
      await send(doc, adaId, pdf("SECOND"), { title: "Plan", replaces: { document: id, version } });
      expect((await redeem(ticket)).status).toBe(404);
      expect((await preview(id)).status).toBe(404);
      must(await doc.send("POST", `/clinic/documents/${id}/check`), 200);
      expect((await preview(id, { use: "show", edition: 1 })).status).toBe(400);
      for (const query of ["?edition=1", "?slice=0&edition=1", "?slice=0&slice=0", "?slice=-1"]) {
        const answer = await ada.send("GET", `/patient/documents/${id}/content${query}`);
        expect([query, answer.text.includes("FIRST")]).toEqual([query, false]);
      }
      const shown = await redeem(String(must(await preview(id), 200)["ticket"]));
      expect([shown.status, shown.bytes.includes("SECOND")]).toEqual([200, true]);
    });

    it("CLIN-8 a ticket dies with her sign-in", async () => {
      const id = await filed(doc, adaId, pdf("LAST"), { title: "Last" });
      const again = await scene.signIn({ userId: ada.userId, member: ada.member }, "PATRQT");
      const made = await again.send("POST", `/patient/documents/${id}/preview`, { body: { use: "save" } });
      const ticket = String(must(made, 200)["ticket"]);
      expect((await again.send("POST", "/session/sign-out", { body: {} })).status).toBeLessThan(300);
      expect((await redeem(ticket)).status).toBe(404);
    });
  });
}
