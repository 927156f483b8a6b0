import type { Page } from "@playwright/test";
import { checkA11y, checkReflow, expect, type Person, type Portal, test } from "../portal.ts";
import { formOf, typePatient } from "./registering.ts";

/** Both factors again, in the dialog that asks for them. */
async function stepUp(portal: Portal, page: Page, person: Person): Promise<void> {
  const dialog = page.getByRole("dialog").filter({ has: page.getByRole("textbox", { name: /^Password/ }) });
  await dialog.getByRole("textbox", { name: /^Password/ }).fill(person.password);
  await dialog.getByLabel("Code of your authenticator").fill(await portal.freshCode(person));
  await dialog.getByRole("button", { name: "Confirm", exact: true }).click();
}

test("CLIN-1 CLIN-18 a front desk finds and registers patients by keyboard alone", async ({ portal, open }) => {
  const known = await portal.patient({ family: "Zqarvenko-Ibáñez", given: "Óscara", birthDate: "1973-11-02" });
  for (const word of ["Zqarvenko", "Óscara"]) portal.canaries.add(word);
  const page = await open("front-desk", "/app/patients");

  await test.step("searches: name parts without accents, a date as it is spoken, and nobody", async () => {
    const field = page.getByLabel("Find a patient");
    await expect(field).toBeVisible();
    await field.focus();
    await page.keyboard.type("zqarvenko oscara");
    await expect(page.getByRole("status").filter({ hasText: "1 patient found" })).toBeVisible();
    await expect(page.getByRole("row", { name: /Zqarvenko/ })).toContainText(known.mrn);
    await checkA11y(page);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("2/11/1973 ibanez");
    await expect(page.getByRole("row", { name: /Zqarvenko/ })).toBeVisible();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("zqnobody");
    await expect(page.getByText("Nobody matches")).toBeVisible();
    await checkA11y(page);
    await checkReflow(page);
  });

  await test.step("a likely duplicate is shown beside what was entered, and nothing is written", async () => {
    await page.getByRole("link", { name: "Register a patient" }).first().press("Enter");
    await checkA11y(page);
    await typePatient(page, {
      "Family name": "Zqarvenco Ibanez",
      "First name": "Oscara",
      "Date of birth": "11/2/1973",
      Sex: "Female",
    });
    await expect(page.getByText("This patient may be here already")).toBeVisible();
    await expect(page.getByText("Similar name, same date of birth")).toBeVisible();
    await checkA11y(page);
    await checkReflow(page);
    await page.getByRole("button", { name: "Change what I entered" }).press("Enter");
    await expect(formOf(page).getByLabel(/^Family name/)).toHaveValue("Zqarvenco Ibanez");
  });

  await test.step("somebody else is registered in spite of it, with a word why", async () => {
    await formOf(page)
      .getByLabel(/^Family name/)
      .focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Register anyway" }).press("Enter");
    await page.getByLabel(/^Why is this somebody else/).focus();
    await page.keyboard.type("Twin; both showed a passport");
    await page.getByRole("button", { name: "Register anyway" }).press("Enter");
    await expect(page.getByText(/Registered under record number \d{6}/)).toBeVisible();
  });
});

test("CLIN-1 CLIN-18 a front desk opens by the palette and corrects details, by keyboard alone @long", async ({
  portal,
  open,
}) => {
  const known = await portal.patient({ family: "Zqbellweather", given: "Oscara", birthDate: "1973-11-02" });
  for (const word of ["Zqbellweather", "Zqaltair"]) portal.canaries.add(word);
  const page = await open("front-desk", "/app/patients");

  await test.step("the palette: recent patients, then by name, with nothing but keys", async () => {
    const desk = portal.as("front-desk");
    expect((await desk.send("POST", "/clinic/patients/recent", { body: { patient: known.id } })).status).toBe(200);
    await page.getByLabel("Find a patient").focus();
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog");
    await expect(palette.getByRole("combobox")).toBeFocused();
    await expect(palette.getByRole("option", { name: /Zqbellweather/ })).toBeVisible();
    await page.keyboard.type("bellw");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("2 nov 1973 zqbell");
    await expect(palette.getByRole("option", { name: /Zqbellweather/ })).toBeVisible();
    await checkA11y(page);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`/app/patients/${known.id}`));
  });

  await test.step("corrects details; what somebody else saved meanwhile is not lost", async () => {
    await page.goto(`${portal.origin}/app/patients/${known.id}/details`);
    const phone = page.getByLabel("Home phone");
    await phone.focus();
    await page.keyboard.type("12");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Enter the digits of a phone number").first()).toBeVisible();
    await checkA11y(page);
    await phone.focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("617 555 0177");
    const desk = portal.as("front-desk");
    const { body } = await desk.send("GET", `/clinic/patients/${known.id}`);
    const demographics = { ...(body["demographics"] as object), given: "Zqaltair" };
    const saved = await desk.send("PUT", `/clinic/patients/${known.id}`, {
      body: { demographics },
      headers: { "if-match": 'W/"1"' },
    });
    expect(saved.status).toBe(200);
    await page.keyboard.press("Enter");
    await expect(page.getByText("Somebody has changed this since you opened it", { exact: false })).toBeVisible();
    await page.getByRole("button", { name: "Load it again and compare" }).press("Enter");
    await expect(page.getByText("Saved by somebody else meanwhile", { exact: false })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("Zqaltair");
    await expect(phone).toHaveValue("617 555 0177");
    await phone.press("Enter");
    await expect(page.getByText("Saved.", { exact: true })).toBeVisible();
    await checkReflow(page);
  });
});

test("CLIN-1 a physician merges two charts, sees everything on one, and takes it back @long", async ({
  portal,
  open,
}) => {
  const [stays, twin] = [
    await portal.patient({ family: "Zqmarlowe", given: "Christa", birthDate: "1964-02-26" }),
    await portal.patient({ family: "Zqmarlow", given: "Christa", birthDate: "1964-02-26" }),
  ];
  portal.canaries.add("Zqmarlow");
  const doc = await portal.hire(["physician"]);
  const page = await open(doc, `/app/patients/${stays.id}/merge`);

  await test.step("finds the duplicate, and looks at both side by side", async () => {
    await page.getByLabel("Which chart is the duplicate?").fill("zqmarlow");
    await page.getByRole("button", { name: "Zqmarlow, Christa" }).click();
    await expect(page.getByRole("row", { name: /Name/ }).first()).toContainText("different");
    await expect(page.getByText("Similar name, same date of birth")).toBeVisible();
    await checkA11y(page);
    await checkReflow(page);
  });

  await test.step("merges with a reason and both factors again", async () => {
    await page.getByLabel(/^How do you know/).fill("Same passport, asked her");
    await page.getByRole("button", { name: "Merge charts" }).click();
    await stepUp(portal, page, doc);
    await expect(page.getByText("Merged. Everything is on the chart of", { exact: false })).toBeVisible();
    await expect(page.getByRole("list", { name: "Merged into this chart" })).toContainText("Zqmarlow, Christa");
    await checkA11y(page);
  });

  await test.step("the duplicate's page leads to the chart that stayed", async () => {
    await page.goto(`${portal.origin}/app/patients/${twin.id}/details`);
    await expect(page.getByText("This chart was merged into another")).toBeVisible();
    await checkA11y(page);
  });

  await test.step("undoes it: both are what they were", async () => {
    await page.getByRole("button", { name: "Undo merge" }).click();
    await page.getByLabel(/^Reason/).fill("Two people after all");
    await page.getByRole("dialog").getByRole("button", { name: "Undo merge" }).click();
    await stepUp(portal, page, doc);
    await expect(page.getByText("The merge was undone.")).toBeVisible();
    await expect(page.getByText("This chart was merged into another")).toBeHidden();
    const after = await portal.as(doc).send("GET", `/clinic/patients/${twin.id}`);
    expect(JSON.parse(after.text)).toMatchObject({ patient: { isActive: true } });
    expect(after.text).not.toContain("replacedBy");
  });
});

test("CLIN-1 UIX-1 en español", async ({ portal, open }) => {
  const page = await open(await portal.hire(["nurse"]), "/app/patients", { locale: "es-MX", colorScheme: "dark" });
  await expect(page.getByRole("heading", { name: "Pacientes" })).toBeVisible();
  await page.getByRole("link", { name: "Registrar un paciente" }).first().click();
  await expect(page.getByLabel(/^Apellidos/)).toBeVisible();
  await checkA11y(page);
});
