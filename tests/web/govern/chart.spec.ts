import type { Page } from "@playwright/test";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { stepUp } from "./people.ts";

/** On the screen: the head of a printed sheet has the name too, and is not shown. */
const shown = (page: Page, text: string) => page.getByText(text).locator("visible=true").first();

test("POL-14 CLIN-13 a consent that is recorded and revoked at the desk counts at once on a chart that is open @long", async ({
  portal,
  open,
}) => {
  const clinic = await portal.clinic("Willow Clinic");
  const reed = await clinic.hire(["physician"], { displayName: "Dr. Nora Reed" });
  const patient = await clinic.patient();
  const chart = await open(reed, `/app/patients/${patient.id}`);
  const desk = await open(await clinic.person("front-desk"), `/app/patients/${patient.id}?tab=consents`);
  await expect(shown(chart, patient.family)).toBeVisible();

  await test.step("the desk records what the patient wants, and sees first what it would change", async () => {
    await expect(desk.getByText("No consent is recorded")).toBeVisible();
    await checkA11y(desk);
    await desk.getByRole("button", { name: "Record a consent" }).press("Enter");
    const drawer = desk.getByRole("dialog");
    await expect(drawer.getByRole("radio", { name: /Take part in research/ })).toHaveCount(0);
    await drawer.getByRole("radio", { name: /Restrict somebody/ }).check();
    await drawer.getByRole("button", { name: "Next" }).press("Enter");
    await drawer.getByLabel("Who is restricted").selectOption({ label: "Dr. Nora Reed (Physician)" });
    await checkA11y(desk);
    await drawer.getByRole("button", { name: "Preview the effect" }).press("Enter");
    await expect(drawer.getByText(/Dr\. Nora Reed will lose access to clinical records/)).toBeVisible();
    await checkReflow(desk);
    await drawer.getByRole("button", { name: "Record this consent" }).press("Enter");
    await expect(desk.getByText("Dr. Nora Reed may not see all of the chart.")).toBeVisible();
  });

  await test.step("the chart that is open is withheld with its next request", async () => {
    await chart.getByRole("tab", { name: "Timeline" }).click();
    await expect(chart.getByRole("button", { name: "Emergency access" }).first()).toBeVisible();
    await chart.reload();
    await expect(chart.getByRole("button", { name: "Emergency access" })).toBeVisible();
    await expect(chart.getByText(patient.family)).toHaveCount(0);
    await checkA11y(chart);
  });

  await test.step("the patient takes it back, and the chart opens again", async () => {
    await desk.getByRole("button", { name: "Revoke: Restrict somebody" }).press("Enter");
    const dialog = desk.getByRole("dialog", { name: "Revoke this consent?" });
    await expect(dialog.getByText(/Dr\. Nora Reed will gain access to clinical records/)).toBeVisible();
    await dialog.getByLabel("Why it is revoked").selectOption("patient-request");
    await checkA11y(desk);
    await dialog.getByRole("button", { name: "Revoke now" }).press("Enter");
    await expect(desk.getByText("Revoked", { exact: true })).toBeVisible();
    await chart.reload();
    await expect(shown(chart, patient.family)).toBeVisible();
  });
});

test("POL-9 CLIN-14 a physician meets an emergency in a red frame, and somebody else reviews it", async ({
  portal,
  open,
}) => {
  const clinic = await portal.clinic("Aspen Clinic");
  const reed = await clinic.hire(["physician"], { displayName: "Dr. Nora Reed" });
  const dana = await clinic.hire(["clinic-administrator"], { displayName: "Dana Whitfield" });
  const patient = await clinic.patient();
  const refused = await clinic.as("front-desk").send("POST", `/clinic/patients/${patient.id}/consents`, {
    purpose: "HOPERAT",
    body: {
      form: "restrict",
      signature: { kind: "paper", signedOn: "2026-11-20", by: "patient" },
      recipients: [{ kind: "person", id: reed.userId }],
      part: "everything",
    },
  });
  expect(refused.status).toBe(201);
  const page = await open(reed, `/app/patients/${patient.id}`);
  const frame = page.getByRole("region", { name: "Emergency access is active" });

  await test.step("what it means is said, a reason is asked for, and both factors", async () => {
    await page.getByRole("button", { name: "Emergency access" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Open this chart in an emergency" });
    await expect(dialog.getByText("Privacy officers are told at once.")).toBeVisible();
    await dialog.getByLabel("Reason", { exact: false }).selectOption("immediate-care");
    await dialog.getByLabel("What is happening").fill("short");
    await dialog.getByRole("button", { name: "Open this chart now" }).press("Enter");
    await expect(dialog.getByText("write at least 10 characters").first()).toBeVisible();
    await checkA11y(page);
    await dialog.getByLabel("What is happening").fill("Unconscious after a fall, allergies unknown");
    await dialog.getByLabel("For how long").selectOption("15");
    await dialog.getByRole("button", { name: "Open this chart now" }).press("Enter");
    await stepUp(portal, page, reed);
  });

  await test.step("the chart is open in a red frame, on every screen and after a reload, until she ends it", async () => {
    await expect(shown(page, patient.family)).toBeVisible();
    await expect(frame.getByRole("timer")).toContainText(/1[45]:/);
    await checkA11y(page);
    await page.reload();
    await expect(frame).toBeVisible();
    await expect(shown(page, patient.family)).toBeVisible();
    await checkReflow(page);
    await page.goto(`${portal.origin}/app/privacy`);
    await expect(frame).toBeVisible();
    await frame.getByRole("button", { name: "End now" }).press("Enter");
    await expect(frame).toBeHidden();
    await page.goto(`${portal.origin}/app/patients/${patient.id}`);
    await expect(page.getByRole("button", { name: "Emergency access" })).toBeVisible();
    await expect(page.getByText(patient.family)).toHaveCount(0);
  });

  await test.step("somebody else looks back at it, once", async () => {
    const queue = await open(dana, "/app/privacy?tab=emergencies");
    await expect(queue.getByRole("row", { name: /Dr\. Nora Reed/ })).toContainText("Immediate care");
    await checkA11y(queue);
    await queue.getByRole("button", { name: "Review the emergency of Dr. Nora Reed" }).press("Enter");
    const dialog = queue.getByRole("dialog", { name: "Review of an emergency" });
    await expect(dialog).toContainText("Unconscious after a fall");
    await dialog.getByRole("radio", { name: "Justified", exact: true }).check();
    await dialog.getByLabel("Your finding").fill("The reason holds; the patient was told.");
    await checkA11y(queue);
    await dialog.getByRole("button", { name: "Save review" }).press("Enter");
    await expect(queue.getByText("No emergency waits for a review")).toBeVisible();
  });
});
