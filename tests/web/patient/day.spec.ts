import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pdf } from "../../core/document/files.ts";
import { openPractice } from "../board/clinic-day.ts";
import { stepUp } from "../govern/people.ts";
import { printed, solid } from "../harness/paper.ts";
import { checkA11y, checkReflow, checkScreen, expect, test } from "../portal.ts";

const PHONE = { width: 390, height: 844 };
const LAB = "http://terminology.hl7.org/CodeSystem/observation-category";

test("CLIN-11 the day of a patient, on a phone: a visit, her record, a form, a message, a choice, and who looked", async ({
  portal,
  open,
}) => {
  const practice = await openPractice(portal, "Lindenhof Practice");
  const { clinic } = practice;
  const ana = await clinic.patient();
  const person = await clinic.hire(["patient"], { patientId: ana.id });
  const doctor = await clinic.hire(["physician"], { displayName: "Maya Okafor" });
  const file = async (body: object): Promise<void> => {
    const path = `/fhir/${(body as { resourceType: string }).resourceType}`;
    expect((await clinic.as(doctor).send("POST", path, { purpose: "TREAT", body })).status).toBe(201);
  };
  const subject = { reference: `Patient/${ana.id}` };
  const lab = { resourceType: "Observation", subject, category: [{ coding: [{ system: LAB, code: "laboratory" }] }] };
  const issued = new Date(portal.stage.clock.now()).toISOString();
  await file({
    ...lab,
    status: "final",
    code: { text: "Cholesterol" },
    issued,
    effectiveDateTime: issued,
    valueString: "180",
  });
  await file({ ...lab, status: "preliminary", code: { text: "Not ready yet" }, valueString: "1" });
  await file({ resourceType: "Condition", subject, code: { text: "Asthma" } });
  const letter = pdf("Dear Ana");
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> =>
    (await clinic.as(doctor).send(method, path, { purpose: "TREAT", ...(body !== undefined && { body }) }))
      .body as never;
  const begun = await ask("POST", "/clinic/document-uploads", {
    patient: ana.id,
    file: { name: "letter.pdf", type: "application/pdf", sizeBytes: letter.length },
    type: "letter",
    title: "Letter about your knee",
  });
  const upload = `/clinic/document-uploads/${String(begun["id"])}`;
  await ask("PUT", `${upload}/parts/0`, { data: letter.toString("base64") });
  const { id: letterId } = await ask("POST", `${upload}/commit`);
  await ask("POST", `/clinic/documents/${String(letterId)}/check`);
  await clinic.as(doctor).send("GET", `/clinic/patients/${ana.id}/view`, { purpose: "TREAT" });

  // She was here a while ago, and what was written then is signed.
  const appointment = await practice.booked(ana.id, portal.stage.clock.now() - 20 * 60_000, { reason: "A cough" });
  const arrived = { body: { step: "arrive" }, purpose: "HOPERAT", headers: { "if-match": 'W/"1"' } };
  expect((await clinic.as("front-desk").send("POST", `/clinic/appointments/${appointment}/step`, arrived)).status).toBe(
    200,
  );
  const { id: encounter } = await ask("POST", "/clinic/visits", { patient: ana.id, appointment });
  const { id: note } = await ask("POST", "/clinic/notes", { encounter, template: "telephone" });
  const sections = [
    { key: "call", title: "Call", text: "Coughs at night." },
    { key: "advice", title: "Advice", text: "Honey and rest." },
  ];
  await ask("PUT", `/clinic/notes/${String(note)}`, { version: 1, draft: 0, sections });
  await ask("POST", `/clinic/notes/${String(note)}/sign`, { version: 1, draft: 1, isLocking: true });

  const page = await open(person, "/app/my", { viewport: PHONE });
  const menu = async (name: string): Promise<void> => {
    await page.getByRole("button", { name: "Open menu" }).click();
    await page.getByRole("dialog").getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  };

  await test.step("what is new is on the start page, and what is not ready is nowhere", async () => {
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Hello");
    await expect(page.getByText("Cholesterol")).toBeVisible();
    await expect(page.getByText("Not ready yet")).toHaveCount(0);
    await checkA11y(page);
  });

  await test.step("she books a free time by the keyboard, and says that she will come", async () => {
    await page.getByRole("link", { name: "Book a visit" }).press("Enter");
    await page.getByRole("button", { name: "Book a visit" }).press("Enter");
    const drawer = page.getByRole("dialog", { name: "Book a visit" });
    await drawer
      .getByRole("button", { name: /^Book / })
      .last()
      .press("Enter");
    await drawer.getByLabel("Why do you want to come?").press("k");
    await page.keyboard.type("nee pain");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(drawer).toBeHidden();
    await page.getByRole("button", { name: /^I will come/ }).press("Enter");
    await expect(page.getByText("You said you will come")).toBeVisible();
    await checkScreen(page);
  });

  await test.step("CLIN-17 she prints what was agreed at her visit: whose it is, the clinic, and page numbers", async () => {
    await page.getByRole("link", { name: /^Visit summary: / }).press("Enter");
    await expect(page.getByText("Honey and rest.")).toBeVisible();
    await expect(page.getByRole("list", { name: "Next visits" }).getByRole("listitem")).toHaveCount(1);
    await checkA11y(page);
    const { pages, isTagged } = await printed(page);
    expect(isTagged).toBe(true);
    const sheet = solid(pages.join(" "));
    for (const wanted of [ana.family, clinic.name, "Honey and rest.", "Asthma", "A cough", "Printed "])
      expect(sheet).toContain(solid(wanted));
    for (const [index, each] of pages.entries()) expect(each).toContain(`${index + 1} / ${pages.length}`);
    // Of what is not ready nothing is on paper either.
    expect(sheet).not.toContain(solid("Not ready yet"));
    await page.setViewportSize({ width: 320, height: 640 });
    await checkReflow(page);
    await page.setViewportSize(PHONE);
  });

  await test.step("her record says what is there, and what is not recorded", async () => {
    await menu("My record");
    await expect(page.getByText("Asthma")).toBeVisible();
    await expect(page.getByText("No allergies are recorded")).toBeVisible();
    await checkA11y(page);
  });

  await test.step("CLIN-8 a letter of hers is shown where nothing of ours is, and taken along with the record", async () => {
    await page.getByRole("button", { name: "Open: Letter about your knee" }).click();
    const frame = page.frameLocator("iframe[title='Content of the document']");
    await expect(frame.getByRole("img", { name: "Page 1 of 1" })).toBeVisible();
    await checkA11y(page);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("button", { name: "Download my record" }).click();
    await page.getByLabel("With my documents, as one ZIP file").check();
    await checkA11y(page);
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const saved = page.waitForEvent("download");
    await stepUp(portal, page, person);
    const zip = readFileSync(await (await saved).path());
    expect((await saved).suggestedFilename()).toBe("health-record.zip");
    expect(zip.includes(letter)).toBe(true);
    const digest = createHash("sha256").update(letter).digest("hex");
    for (const text of ["health-record.html", "documents/01-letter.pdf", "manifest.json", digest])
      expect(zip.includes(text)).toBe(true);
  });

  await test.step("a form is kept, found again and sent once", async () => {
    await menu("Forms");
    await checkScreen(page);
    await page.getByRole("link", { name: /^Fill in/ }).click();
    await page.getByLabel("What would you like help with?").fill("My knee");
    await page.getByRole("button", { name: "Keep and finish later" }).click();
    await expect(page.getByText("Your answers are kept")).toBeVisible();
    await page.reload();
    await expect(page.getByLabel("What would you like help with?")).toHaveValue("My knee");
    await checkScreen(page);
    await page
      .getByRole("group", { name: /allergic/ })
      .getByLabel("No")
      .check();
    await page.getByRole("button", { name: "Send this form" }).click();
    await expect(page.getByText(/^Sent on/)).toBeVisible();
  });

  await test.step("she writes to the clinic", async () => {
    await menu("Messages");
    await checkScreen(page);
    await page.getByRole("button", { name: "Write to the clinic" }).click();
    await page.getByLabel("What is it about?").selectOption("health");
    await page.getByLabel("Your message").fill("May I run?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("link", { name: /Health question/ }).click();
    await expect(page.getByText("May I run?")).toBeVisible();
    await checkScreen(page);
  });

  await test.step("she keeps her record from the billing office, sees first what that does, and shows both factors", async () => {
    await menu("My choices");
    await page.getByRole("button", { name: "Make a choice" }).click();
    const drawer = page.getByRole("dialog", { name: "Make a choice" });
    await drawer.getByLabel("Billing", { exact: true }).check();
    await drawer.getByLabel("What should they not see?").selectOption("billing");
    await drawer.getByRole("button", { name: "See what would change" }).click();
    await expect(drawer.getByText(/^Billing will no longer see/)).toBeVisible();
    await drawer.getByRole("button", { name: "Yes, this is my choice" }).click();
    await stepUp(portal, page, person);
    await expect(drawer).toBeHidden();
    await expect(page.getByText(/Billing may not see/)).toBeVisible();
    await checkScreen(page);
  });

  await test.step("she reads who looked, in both languages, and nothing scrolls sideways at 320 px", async () => {
    await portal.stage.stack.drain();
    await menu("Who saw my record");
    await expect(page.getByText("Maya Okafor, Physician").first()).toBeVisible();
    await checkA11y(page);
    const spanish = await open(person, "/app/my/activity", { viewport: { width: 320, height: 640 }, locale: "es-US" });
    await expect(spanish.getByRole("heading", { name: "Quién vio mi historial" })).toBeVisible();
    await checkReflow(spanish);
    await spanish.goto(`${portal.origin}/app/my/record`);
    await expect(spanish.getByRole("button", { name: "Abrir: Letter about your knee" })).toBeVisible();
    await checkReflow(spanish);
    await spanish.goto(`${portal.origin}/app/my`);
    await expect(spanish.getByRole("heading", { name: "Su próxima visita" })).toBeVisible();
    await checkReflow(spanish);
  });
});
