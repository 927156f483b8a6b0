import type { Locator, Page } from "@playwright/test";
import { checkA11y, checkReflow, type Clinic, expect, test } from "../portal.ts";

const cardOf = (page: Page, name: string): Locator =>
  page.getByRole("region").filter({ has: page.getByRole("heading", { name, exact: true, level: 3 }) });
const banner = (page: Page): Locator => page.getByRole("region", { name: "Whose chart this is" });

/** What a nurse and a physician wrote before: words that are found nowhere but on a screen that may show them. */
async function furnish({ as }: Pick<Clinic, "as">, patient: string, word: string): Promise<void> {
  const post = async (path: string, body: unknown): Promise<void> => {
    const answer = await as("physician").send("POST", `/clinic/patients/${patient}/${path}`, {
      body,
      purpose: "TREAT",
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  };
  await post("lists/problems", { problem: { text: `${word} hypertension` }, onset: "2019-05" });
  await post("lists/medications", { kind: "prescribed", medication: { text: "Lisinopril" }, dosage: "10 mg daily" });
  await post("lists/medications", { kind: "reported", medication: { text: `${word} tea` }, dosage: "1 cup" });
  const column = (day: string, systolic: string, kg: string) =>
    post("vitals", {
      at: { day, time: "09:30" },
      entries: [
        { measure: "blood-pressure", systolic, diastolic: "82" },
        { measure: "height", value: "70", unit: "[in_i]" },
        { measure: "weight", value: kg, unit: "kg" },
      ],
    });
  await column("2026-03-02", "148", "81");
  await column("2026-05-20", "128", "80");
}

test("CLIN-5 a nurse records vitals by keyboard alone", async ({ portal, open }) => {
  const patient = await portal.patient();
  await furnish(portal, patient.id, patient.canary);
  const page = await open("nurse", `/app/patients/${patient.id}?tab=vitals`);
  const grid = page.getByRole("table", { name: "Vitals flowsheet" });
  await expect(grid.getByRole("row", { name: /^Weight/ })).toContainText("176.4 lb");
  await expect(grid.getByRole("row", { name: /^Blood pressure/ })).toContainText("high, stage 2");
  await checkA11y(page);

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

test("CLIN-4 CLIN-7 lists: a statement, an allergy, a reconciliation, a vaccine", async ({ portal, open }) => {
  const patient = await portal.patient();
  await furnish(portal, patient.id, patient.canary);
  const page = await open("nurse", `/app/patients/${patient.id}`);
  const drawer = (name: string): Locator => page.getByRole("dialog", { name });
  const allergies = cardOf(page, "Allergies");

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
});

test("UIX-3 UIX-4 what is withheld, away or old is said so, and no byte of it comes", async ({ portal, open }) => {
  const patient = await portal.patient();
  await furnish(portal, patient.id, patient.canary);

  await test.step("the desk sees who it is, and of the chart that it is restricted", async () => {
    const page = await open("front-desk", "/app/");
    const bodies: string[] = [];
    page.on("response", async (response) => {
      if (response.url().includes("/clinic/patients/")) bodies.push(await response.text().catch(() => ""));
    });
    await page.goto(`${portal.origin}/app/patients/${patient.id}`);
    await expect(banner(page)).toContainText(patient.family);
    await expect(banner(page)).toContainText("Restricted");
    await expect(cardOf(page, "Medications")).toContainText("Your role does not need this for its work.");
    await page.getByRole("tab", { name: "Timeline" }).click();
    await expect(page.getByText(/Problems.*: restricted/)).toBeVisible();
    await page.getByRole("tab", { name: "Vitals" }).click();
    await expect(page.getByRole("tabpanel")).toContainText("Restricted");
    expect(bodies.length).toBeGreaterThan(2);
    for (const word of ["hypertension", "Lisinopril", `${patient.canary} tea`, "148"])
      expect(bodies.filter((body) => body.includes(word))).toEqual([]);
    await checkA11y(page);
  });

  await test.step("a class that is away is no empty list, and comes back", async () => {
    const page = await open("nurse", "/app/");
    const address = "**/clinic/patients/*/lists";
    const away = { state: "unavailable", reason: "not-read" };
    await page.route(address, async (route) => {
      const answer = await route.fetch();
      const lists = (await answer.json()) as { medications: object; allergies: object };
      const json = {
        ...lists,
        medications: { ...lists.medications, items: away },
        allergies: { ...lists.allergies, items: { state: "stale", value: [], asOf: "2026-05-20T10:00:00.000Z" } },
      };
      await route.fulfill({ response: answer, json });
    });
    await page.goto(`${portal.origin}/app/patients/${patient.id}`);
    const medications = cardOf(page, "Medications");
    await expect(medications).toContainText("Temporarily unavailable");
    await expect(cardOf(page, "Allergies")).toContainText("May be out of date");
    await checkA11y(page);
    await page.unroute(address);
    await medications.getByRole("button", { name: "Try again" }).click();
    await expect(medications).toContainText("Lisinopril");
  });

  await test.step("on a phone, in the dark and in Spanish", async () => {
    const page = await open("nurse", `/app/patients/${patient.id}`, {
      viewport: { width: 320, height: 640 },
      colorScheme: "dark",
      locale: "es-US",
    });
    await expect(page.getByRole("heading", { name: "Medicamentos" })).toBeVisible();
    await checkReflow(page);
    await checkA11y(page);
    await page.goto(`${portal.origin}/app/patients/${patient.id}?tab=vitals`);
    await expect(page.getByRole("table", { name: "Hoja de signos vitales" })).toBeVisible();
    await checkReflow(page);
    await checkA11y(page);
  });
});
