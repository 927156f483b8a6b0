import type { Locator } from "@playwright/test";
import { openPractice } from "../board/clinic-day.ts";
import { goTo, MINUTE, rowOf } from "../board/rows.ts";
import { banner, cardOf, furnish } from "../chart/furnished.ts";
import { checkA11y, expect, test } from "../portal.ts";

test("CLIN-2 CLIN-4 CLIN-5 CLIN-7 CLIN-18 a nurse's day: rooms a patient, goes through her lists with her, and takes her vitals", async ({
  portal,
  open,
}) => {
  const practice = await openPractice(portal, "Nurse Street Clinic");
  const { clinic } = practice;
  const patient = await clinic.patient();
  await furnish(clinic, patient.id, patient.canary);
  const slot = await practice.booked(patient.id, portal.stage.clock.now() - 10 * MINUTE, {
    reason: `${patient.canary} cough`,
  });
  const arrive = { body: { step: "arrive" }, purpose: "HOPERAT", headers: { "if-match": 'W/"1"' } };
  expect((await clinic.as("front-desk").send("POST", `/clinic/appointments/${slot}/step`, arrive)).status).toBe(200);
  const page = await open(await clinic.person("nurse"), "/app/board");
  const grid = page.getByRole("table", { name: "Vitals flowsheet" });
  const drawer = (name: string): Locator => page.getByRole("dialog", { name });
  const allergies = cardOf(page, "Allergies");

  await test.step("sees why she comes, and brings her to a room", async () => {
    await expect(rowOf(page, patient.family)).toContainText("cough");
    await goTo(page, patient.family);
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog", { name: "Bring to a room" });
    await dialog.getByLabel("Room", { exact: true }).focus();
    await page.keyboard.type("Room 1");
    await dialog.getByRole("button", { name: "Room", exact: true }).press("Enter");
    await expect(rowOf(page, patient.family)).toContainText("In room");
    await page.getByRole("button", { name: "By room" }).press("Enter");
    await expect(page.getByRole("region", { name: "Room 1" })).toContainText(patient.family);
    await checkA11y(page);
    await page.goto(`${portal.origin}/app/patients/${patient.id}`);
  });

  await test.step("nothing recorded is said as that, and a statement has an author and a date", async () => {
    await expect(banner(page)).toContainText("Allergies: nothing recorded");
    await expect(allergies).toContainText("Nothing recorded about allergies");
    await allergies.getByRole("button", { name: "State no known allergies" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "State no known allergies" }).click();
    await expect(allergies).toContainText(/Stated .+ by /);
    await expect(banner(page)).toContainText("No known allergies");
    await checkA11y(page);
  });

  await test.step("an allergy ends the statement, and is in sight from every tab", async () => {
    await allergies.getByRole("button", { name: "Add an allergy" }).click();
    const form = drawer("Add an allergy");
    await expect(form).toContainText("Saving this allergy ends that statement");
    await form.getByRole("combobox", { name: /^Allergic to/ }).fill("Peni");
    await page.getByRole("option", { name: /Penicillin G/ }).click();
    await form.getByLabel("Risk").selectOption("high");
    await form.getByRole("combobox", { name: "Reaction", exact: true }).fill("Hives");
    await page.getByRole("option", { name: /Hives/ }).click();
    await checkA11y(page);
    await form.getByRole("button", { name: "Save" }).click();
    await expect(form).toBeHidden();
    await expect(allergies).not.toContainText("Stated");
    await page.getByRole("tab", { name: "Timeline" }).click();
    await expect(page.getByRole("table", { name: "Timeline" })).toContainText("Lisinopril");
    await expect(banner(page)).toContainText("Penicillin G, Hives, high risk");
    await checkA11y(page);
    await page.getByRole("tab", { name: "Summary" }).click();
  });

  await test.step("medications are reconciled, item by item", async () => {
    const medications = cardOf(page, "Medications");
    await medications.getByRole("button", { name: "Reconcile: Medications" }).click();
    const form = drawer("Reconcile Medications");
    await form.getByRole("button", { name: "Finish reconciliation" }).click();
    await expect(form).toContainText("Decide on every item first.");
    await form.getByRole("group", { name: /tea/ }).getByRole("radio", { name: "Stopped" }).check();
    await form.getByLabel(/^Reason:/).fill("Does not drink it any more");
    await form.getByRole("button", { name: "Keep all that is undecided" }).click();
    await form.getByRole("button", { name: "Add a row" }).click();
    await form.getByRole("combobox", { name: "New 1" }).fill("Melatonin");
    await page.keyboard.press("Tab");
    await checkA11y(page);
    await form.getByRole("button", { name: "Finish reconciliation" }).click();
    await expect(form).toBeHidden();
    await expect(medications).toContainText(/Reconciled .+ by .+, with the patient/);
    await expect(medications).toContainText("Melatonin");
    await medications.getByRole("button", { name: "Show 1 inactive" }).click();
    await expect(medications).toContainText("“Does not drink it any more”");
  });

  await test.step("a problem is resolved with a reason, and its history says so", async () => {
    const problems = cardOf(page, "Problems");
    await problems.getByRole("button", { name: /^Actions for/ }).click();
    await page.getByRole("menuitem", { name: "Resolve" }).click();
    const dialog = page.getByRole("dialog", { name: /^Resolve/ });
    await dialog.getByLabel(/^Reason/).fill("Normal for a year");
    await dialog.getByRole("button", { name: "Resolve" }).click();
    await expect(dialog).toBeHidden();
    await expect(problems).toContainText("Resolved");
    await problems.getByRole("button", { name: /^Actions for/ }).click();
    await page.getByRole("menuitem", { name: "History" }).click();
    const history = page.getByRole("dialog", { name: /^History of/ });
    await expect(history).toContainText("Normal for a year");
    await page.keyboard.press("Escape");
  });

  await test.step("a vaccine without its lot is refused, and with it is recorded", async () => {
    const immunizations = cardOf(page, "Immunizations");
    await immunizations.getByRole("button", { name: "Add an immunization" }).click();
    const form = drawer("Add an immunization");
    await form.getByRole("combobox", { name: /^Vaccine/ }).fill("Tdap");
    await page.getByRole("option", { name: /Tdap/ }).click();
    await form.getByRole("button", { name: "Save" }).click();
    await expect(form.getByRole("alert")).toContainText("Lot number");
    await form.getByLabel(/^Lot number/).fill("U7790AA");
    await form.getByLabel("Site").selectOption("LD");
    await form.getByLabel("Route").selectOption("IM");
    await checkA11y(page);
    await form.getByRole("button", { name: "Save" }).click();
    await expect(immunizations).toContainText("Lot U7790AA");
    await expect(immunizations).toContainText("left deltoid");
  });

  await test.step("looks at the flowsheet: what was measured before, and what it means", async () => {
    await page.getByRole("tab", { name: "Vitals" }).press("Enter");
    await expect(grid.getByRole("row", { name: /^Weight/ })).toContainText("176.4 lb");
    await expect(grid.getByRole("row", { name: /^Blood pressure/ })).toContainText("high, stage 2");
    await checkA11y(page);
  });

  await test.step("types a column as in a spreadsheet", async () => {
    await page.getByRole("textbox", { name: "Systolic blood pressure in mmHg" }).focus();
    for (const value of ["124", "78", "72", "14", "98.60", "98"]) {
      await page.keyboard.type(value);
      await page.keyboard.press("Enter");
    }
    // Height is left out, and the weight is typed in the wrong unit.
    await page.keyboard.press("ArrowDown");
    await page.keyboard.type("1800");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText("Nobody has that value. Look again.")).toBeVisible();
    await page.getByRole("textbox", { name: "Weight in lb" }).focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("580");
    await page.keyboard.press("Control+Enter");
  });

  await test.step("is asked to look again, and corrects", async () => {
    const dialog = page.getByRole("dialog", { name: "Please look again" });
    await expect(dialog).toContainText("Weight: 580 lb");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await page.getByRole("textbox", { name: "Weight in lb" }).focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("178.5");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText("Vitals saved.")).toBeVisible();
  });

  await test.step("sees what it means in words, and in the other units", async () => {
    const row = (name: RegExp): Locator => grid.getByRole("row", { name });
    await expect(row(/^Blood pressure/)).toContainText("124/78 mmHg");
    await expect(row(/^Blood pressure/)).toContainText("elevated blood pressure");
    await expect(row(/^Temperature/)).toContainText("98.60 °F");
    await expect(row(/^BMI/)).toContainText("25.6 kg/m²");
    await expect(row(/^BMI/)).toContainText("overweight");
    await page.getByRole("button", { name: "Metric (°C, kg, cm)" }).press("Enter");
    await expect(row(/^Temperature/)).toContainText("37.0 °C");
    await expect(row(/^Weight/)).toContainText("81.0 kg");
  });

  await test.step("corrects with a reason; the first value stays", async () => {
    await grid.getByRole("button", { name: "Weight, 81.0 kg: details" }).press("Enter");
    await page
      .getByRole("dialog", { name: "Weight" })
      .getByRole("button", { name: "Correct", exact: true })
      .press("Enter");
    const dialog = page.getByRole("dialog", { name: "Correct Weight" });
    await dialog.getByLabel(/^New value in kg/).fill("80.5");
    await dialog.getByLabel(/^Reason for the correction/).fill("Shoes were on");
    await checkA11y(page);
    await dialog.getByRole("button", { name: "Correct" }).press("Enter");
    await expect(dialog).toBeHidden();
    await expect(grid.getByRole("row", { name: /^Weight/ })).toContainText("80.5 kg");
    await expect(grid.getByRole("row", { name: /^Weight/ })).toContainText("corrected");
  });

  await test.step("sees the trend, and the same as a table", async () => {
    await page.getByRole("button", { name: "Show trends" }).press("Enter");
    await expect(page.getByRole("img", { name: /^Systolic blood pressure/ })).toBeVisible();
    await page.getByRole("button", { name: "Show as table: Systolic blood pressure" }).press("Enter");
    await expect(page.getByRole("table", { name: "Systolic blood pressure" })).toContainText("148");
    await checkA11y(page);
  });
});
