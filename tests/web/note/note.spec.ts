import { printed, solid } from "../harness/paper.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { addressOf, beginNote, button, field, lockNote } from "./writing.ts";

/** CLIN-3: a clinician's note from the first word to the lock, and everything that may come between. */

test("CLIN-3 two tabs on one note: nothing is overwritten, and both texts come together", async ({ portal, open }) => {
  const ada = await portal.hire(["physician"]);
  const { address } = await beginNote(portal, ada);
  const left = await open(ada, address);
  const right = await open(ada, address, { beside: left });
  // Both have the note before them as it was: only then is one's text news to the other.
  await expect(field(right, "Call")).toHaveValue("");
  await field(left, "Call").fill("Written on the left.");
  await expect(left.getByText(/^Saved \d/)).toBeVisible();
  await field(right, "Call").fill("Written on the right.");
  const conflict = right.getByRole("region", { name: "There is another text of this note" });
  await expect(conflict.getByText("Written on the left.")).toBeVisible();
  await expect(conflict.getByText("Written on the right.")).toBeVisible();
  await checkA11y(right);
  await conflict.getByRole("radio", { name: "Take both, one after the other" }).check();
  await button(right, "Go on with this").click();
  await expect(field(right, "Call")).toHaveValue("Written on the left.\n\nWritten on the right.");
  await expect(right.getByText(/^Saved \d/)).toBeVisible();
  // The left one does not sign over it: what it shows is not what stands there any more.
  await button(left, "Sign and lock").click();
  const dialog = left.getByRole("dialog", { name: "Sign this note" });
  await expect(dialog.getByText(/has saved another text since/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Sign and lock" })).toBeDisabled();
});

test("AT-45 CLIN-3 UIX-3 offline one keeps writing and cannot sign; back again it is saved by itself, over the version that it began from", async ({
  portal,
  open,
}) => {
  const ada = await portal.hire(["physician"]);
  const { address, note } = await beginNote(portal, ada);
  const page = await open(ada, address);
  await field(page, "Call").fill("Before the line went.");
  await expect(page.getByText(/^Saved \d/)).toBeVisible();
  await page.context().setOffline(true);
  await field(page, "Advice").fill("Written without a line.");
  await expect(page.getByText(/your text is kept in this window/).first()).toBeVisible();
  await expect(button(page, "Sign and lock")).toBeDisabled();
  await checkA11y(page);
  await page.context().setOffline(false);
  await expect(page.getByText(/^Saved \d/)).toBeVisible({ timeout: 20_000 });
  await expect(button(page, "Sign and lock")).toBeEnabled();
  const kept = await portal.as(ada).send("GET", `/clinic/notes/${note}`);
  expect(kept.text).toContain("Written without a line.");
});

test("CLIN-3 AT-47 the session ends over an unsaved text: it waits, and nobody sees it meanwhile", async ({
  portal,
  open,
}) => {
  const ada = await portal.hire(["physician"]);
  const { address, patient } = await beginNote(portal, ada);
  const page = await open(ada, address);
  await expect(field(page, "Call")).toBeVisible();
  await portal.as(ada).send("POST", "/session/sign-out", { body: { everywhere: true } });
  const words = `${patient.canary} has a fever`;
  await field(page, "Call").fill(words);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/session|sign/i);
  await expect(page.getByText(words)).toBeHidden();
  // Nor is she on the paper of whoever prints what is before him.
  expect(solid((await printed(page)).pages.join(" "))).not.toContain(solid(patient.family));
  await expect(page.getByRole("textbox", { name: "Call" })).toBeHidden();
  // The same person again: the page goes on where it was, and the text is saved by itself.
  await page.waitForLoadState("networkidle");
  await field(page, "Login").fill(ada.login);
  await field(page, "Password").fill(ada.password);
  await field(page, "Code").fill(await portal.freshCode(ada));
  await button(page, "Sign in").click();
  await expect(field(page, "Call")).toHaveValue(words);
  await expect(page.getByText(/^Saved \d/)).toBeVisible({ timeout: 20_000 });
});

test("CLIN-3 the dialog and the signature name who is signed in, not who began the note; a nurse's note is co-signed", async ({
  portal,
  open,
}) => {
  const cleo = await portal.hire(["nurse"], { displayName: "Cleo Ray" });
  const ben = await portal.hire(["physician"], { displayName: "Dr. Ben Okri" });
  const begun = await beginNote(portal, cleo);
  await lockNote(portal, cleo, begun, "Asks for a refill.");
  const page = await open(ben, begun.address);
  await expect(page.getByText(/Signed by Cleo Ray/)).toBeVisible();
  await button(page, "Co-sign").click();
  const dialog = page.getByRole("dialog", { name: "Co-sign this note" });
  await expect(dialog.getByText("Signing as Dr. Ben Okri")).toBeVisible();
  await checkA11y(page);
  await dialog.getByRole("button", { name: "Co-sign" }).click();
  await expect(page.getByText(/Co-signed by Dr\. Ben Okri/)).toBeVisible();
  // Unlocking asks for a reason, and for both factors again.
  await button(page, "Unlock").click();
  const unlock = page.getByRole("dialog", { name: "Unlock this note" });
  await expect(unlock.getByRole("button", { name: "Unlock" })).toBeDisabled();
  await checkA11y(page);
  await unlock.getByRole("button", { name: "Cancel" }).click();
  // Unlocked: who, when and why stay with it.
  await button(page, "Unlock").click();
  const again = page.getByRole("dialog", { name: "Unlock this note" });
  await again.getByRole("combobox", { name: "Reason" }).selectOption("correction");
  await field(page, "What has to be changed, and why").fill("The dose is wrong by a factor of ten.");
  await again.getByRole("button", { name: "Unlock" }).click();
  const stepUp = page.getByRole("dialog", { name: "Confirm that it is you" });
  await stepUp.getByRole("textbox", { name: "Password" }).fill(ben.password);
  await stepUp.getByRole("textbox", { name: "Code" }).fill(await portal.freshCode(ben));
  await stepUp.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(page.getByText("Open again, needs a signature", { exact: true })).toBeVisible();
});

test("CLIN-17 CLIN-18 a locked note prints as a tagged sheet with whose it is, who signed and page numbers; on a phone it reads", async ({
  portal,
  open,
}) => {
  const ada = await portal.hire(["physician"], { displayName: "Dr. Ada Byron" });
  const begun = await beginNote(portal, ada);
  await lockNote(portal, ada, begun, "A long call. ".repeat(700));
  const page = await open(ada, begun.address, { colorScheme: "dark" });
  await expect(page.getByText(/Signed by Dr\. Ada Byron/)).toBeVisible();
  await expect(page.getByText(begun.patient.mrn).last()).toBeVisible();
  const { pages, isTagged } = await printed(page);
  expect(pages.length).toBeGreaterThan(1);
  expect(isTagged).toBe(true);
  const text = pages.join(" ");
  const { family, mrn } = begun.patient;
  for (const wanted of [family, mrn, portal.name, "Printed", "Signed and locked", "Rest and water.", "SHA-256"])
    expect(solid(text)).toContain(solid(wanted));
  for (const [index, sheet] of pages.entries()) expect(sheet).toContain(`${index + 1} / ${pages.length}`);
  // Of a pile of pages each says whose it is.
  for (const sheet of pages) expect(solid(sheet)).toContain(solid(family));
  // What is for the screen alone is not on paper.
  for (const unwanted of ["Write an addendum", "Unlock", "Versions"]) expect(text).not.toContain(unwanted);
  await checkA11y(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await checkReflow(page);

  await test.step("CLIN-17 the visit's summary for the patient has what was agreed, and with the whole note it goes on over pages", async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(`${portal.origin}/app/patients/${begun.patient.id}?tab=notes`);
    await page.getByRole("link", { name: /^Visit summary: / }).press("Enter");
    const print = button(page, "Print visit summary");
    await expect(print).toBeEnabled();
    await expect(page.getByText("Rest and water.")).toBeVisible();
    await expect(page.getByText("A long call.")).toHaveCount(0);
    await expect(page.getByText("No allergies are recorded")).toBeVisible();
    await checkA11y(page);
    const sheet = await printed(page);
    const words = solid(sheet.pages.join(" "));
    for (const wanted of [family, mrn, portal.name, "Rest and water.", "Dr. Ada Byron", "No allergies are recorded"])
      expect(words).toContain(solid(wanted));
    for (const unwanted of ["A long call.", "From the note", "Print visit summary"])
      expect(words).not.toContain(solid(unwanted));
    await page.getByRole("combobox", { name: "From the note" }).selectOption("whole");
    await expect(page.getByText(/^A long call\./)).toBeVisible();
    await expect(print).toBeEnabled();
    await page.evaluate(() =>
      Object.assign(window, { print: () => document.body.setAttribute("data-asked", "print") }),
    );
    await print.press("Enter");
    await expect(page.locator("body")).toHaveAttribute("data-asked", "print");
    const whole = await printed(page);
    expect(whole.isTagged).toBe(true);
    expect(whole.pages.length).toBeGreaterThan(1);
    for (const [index, each] of whole.pages.entries()) {
      expect(each).toContain(`${index + 1} / ${whole.pages.length}`);
      expect(solid(each)).toContain(solid(mrn));
    }
    await page.setViewportSize({ width: 320, height: 640 });
    await checkReflow(page);
    // An address that names another patient's chart is nobody's sheet.
    const other = await portal.patient();
    await page.goto(page.url().replace(begun.patient.id, other.id));
    await expect(page.getByText("There is no summary of this visit")).toBeVisible();
  });
});

test("CLIN-3 CLIN-18 the administrator's templates: a section more, and the next note has it; on a phone it works @long", async ({
  portal,
  open,
}) => {
  const clinic = await portal.clinic("Northside Clinic");
  const admin = await clinic.hire(["clinic-administrator"]);
  const page = await open(admin, "/app/settings/note-templates");
  await field(page, "Name").first().fill("Visit");
  await button(page, "Add a section").click();
  await field(page, "Title").last().fill("Follow-up");
  await checkA11y(page);
  await button(page, "Save templates and snippets").click();
  await expect(page.getByText("Templates and snippets are saved.")).toBeVisible();
  await page.setViewportSize({ width: 320, height: 640 });
  await checkReflow(page);
  const ada = await clinic.hire(["physician"]);
  const patient = await clinic.patient();
  const caller = clinic.as(ada);
  const visit = await caller.send("POST", "/clinic/visits", { body: { patient: patient.id } });
  const note = await caller.send("POST", "/clinic/notes", {
    body: { encounter: String(visit.body["id"]), template: "progress" },
  });
  const read = await open(ada, addressOf(String(note.body["id"])));
  await expect(field(read, "Follow-up")).toBeVisible();
  await expect(read.getByRole("heading", { name: "Visit", exact: true })).toBeVisible();
  await read.setViewportSize({ width: 320, height: 640 });
  await checkReflow(read);
  await checkA11y(read);
});
