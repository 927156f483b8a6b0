import { stepUp } from "../govern/people.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";

test("UIX-1 UIX-7 CLIN-2 CLIN-18 an administrator's day by keyboard alone: settles a new clinic, and opens it", async ({
  portal,
  open,
}) => {
  const name = "Birch Clinic";
  const clinic = await portal.clinic(name, { goLive: "after-checklist" });
  const dana = await clinic.hire(["clinic-administrator"], { displayName: "Dana Whitfield" });
  await clinic.hire(["clinic-administrator"], { displayName: "Luis Ortega" });
  const registers = (): Promise<number> =>
    clinic
      .as("front-desk")
      .send("POST", "/fhir/Patient", { purpose: "HOPERAT", body: { resourceType: "Patient", gender: "other" } })
      .then(({ status }) => status);
  expect(await registers()).toBe(403);
  const maya = { resourceType: "Practitioner", active: true, name: [{ given: ["Maya"], family: "Okafor" }] };
  await clinic.as("clinic-administrator").send("POST", "/fhir/Practitioner", { purpose: "HOPERAT", body: maya });
  const page = await open(dana, "/app/privacy");

  await test.step("sees what is missing, and shows both factors once for all that follows", async () => {
    await expect(page.getByText("Until this is done, the clinic takes in no patients")).toBeVisible();
    await expect(page.getByRole("button", { name: "Open the clinic" })).toBeDisabled();
    await expect(page.getByText("Not told: the clinic has chosen no time zone yet.")).toBeVisible();
    await checkA11y(page);
    await page.getByRole("button", { name: "Show both factors" }).press("Enter");
    await stepUp(portal, page, dana);
    await expect(page.getByRole("button", { name: "Show both factors" })).toHaveCount(0);
  });

  await test.step("names who answers for privacy", async () => {
    await page.getByRole("button", { name: "Change", exact: true }).press("Enter");
    await page.getByLabel("Luis Ortega").press("Space");
    await checkA11y(page);
    await page.getByRole("button", { name: "Save settings" }).press("Enter");
    await expect(page.getByRole("button", { name: "Change", exact: true })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("Luis Ortega");
  });

  await test.step("chooses the clinic's time zone, which every clock goes by", async () => {
    await page.getByRole("link", { name: "Time zone and hours" }).first().press("Enter");
    await expect(page.getByText("No time zone was chosen yet")).toBeVisible();
    await checkA11y(page);
    await page.getByRole("combobox", { name: "Time zone of the clinic" }).focus();
    await page.keyboard.type("New York");
    await expect(page.getByRole("option", { name: "America/New York" })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Change time zone" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Change time zone" }).press("Enter");
    await expect(page.getByText("No time zone was chosen yet")).toHaveCount(0);
  });

  await test.step("a holiday; hours that close before they open are refused at their field", async () => {
    await page.getByRole("tab", { name: "Hours" }).press("Enter");
    const form = page.getByRole("form", { name: "Add day" });
    await expect(form).toBeVisible();
    await checkA11y(page);
    await form.getByLabel(/^Name/).focus();
    await page.keyboard.type("Thanksgiving");
    await form.getByLabel(/^From/).focus();
    await page.keyboard.type("11/25/2027");
    await form.getByLabel(/^From/).press("Enter");
    await expect(page.getByRole("row", { name: /Thanksgiving/ })).toContainText("Closed");
    await page.getByLabel("Saturday opens", { exact: true }).fill("5p");
    await page.getByLabel("Saturday closes", { exact: true }).fill("9a");
    const week = page.getByRole("form", { name: "Hours of the week" });
    await week.getByRole("button", { name: "Save" }).press("Enter");
    await expect(week.getByRole("alert")).toContainText("Saturday closes: It closes before it opens.");
  });

  await test.step("when a provider works: what ends before it begins is said at its field, and a day off is a code", async () => {
    await page.getByRole("tab", { name: "Providers" }).press("Enter");
    const leave = page.getByRole("dialog", { name: /leave/i });
    if (await leave.isVisible()) await leave.getByRole("button").last().press("Enter");
    await page.getByRole("button", { name: "Hours: Maya Okafor" }).press("Enter");
    await page.getByLabel("Works whenever the clinic is open").press("Space");
    const week = page.getByRole("form", { name: "Week of Maya Okafor" });
    await week.getByLabel("Monday from", { exact: true }).fill("5p");
    await week.getByLabel("Monday to", { exact: true }).fill("9a");
    await week.getByRole("button", { name: "Save" }).press("Enter");
    await expect(week.getByRole("alert")).toContainText("Monday to: It ends before it begins.");
    await checkA11y(page);
    await week.getByLabel("Monday to", { exact: true }).fill("6p");
    await week.getByRole("button", { name: "Save" }).press("Enter");
    await expect(page.getByText("Working hours saved")).toBeVisible();
    const days = page.getByRole("form", { name: "Add days" });
    await days.getByLabel(/^First day/).fill("12/24/2027");
    await days.getByLabel(/^First day/).press("Enter");
    await expect(page.getByRole("row", { name: /Time off/ })).toContainText("Not at all");
    await page.getByRole("button", { name: "All providers" }).press("Enter");
    await expect(page.getByRole("row", { name: /Okafor/ })).toContainText("Own hours");
    await checkReflow(page);
  });

  await test.step("a room and a visit type", async () => {
    await page.getByRole("tab", { name: "Rooms" }).press("Enter");
    const leave = page.getByRole("dialog", { name: /leave/i });
    if (await leave.isVisible()) await leave.getByRole("button").last().press("Enter");
    await page.getByRole("button", { name: "Add", exact: true }).press("Enter");
    const room = page.getByRole("dialog", { name: "Sites and rooms" });
    await room.getByLabel(/^Name/).focus();
    await page.keyboard.type("Room 7");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("row", { name: /Room 7/ })).toContainText("In use");
    await page.getByRole("tab", { name: "Visit types" }).press("Enter");
    await page.getByRole("button", { name: "Add", exact: true }).press("Enter");
    const type = page.getByRole("dialog", { name: "Visit types" });
    await type.getByLabel(/^Name/).focus();
    await page.keyboard.type("Checkup");
    await checkA11y(page);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("row", { name: /Checkup/ })).toContainText("20");
    await checkReflow(page);
  });

  await test.step("CLIN-11 results wait in the patients' portal until they are signed off, for five days at most", async () => {
    await page.getByRole("tab", { name: "Patients' portal" }).press("Enter");
    const rules = page.getByRole("form", { name: "Patients' portal" });
    const results = rules.getByRole("group", { name: "Final results" });
    await results.getByLabel(/signed off/).press("Space");
    const days = rules.getByLabel("Final results: Days");
    await days.fill("40");
    const save = rules.getByRole("button", { name: "Save" });
    await save.press("Enter");
    await expect(rules.getByRole("alert")).toContainText("from 1 to 30");
    await days.fill("5");
    await checkA11y(page);
    await checkReflow(page);
    await save.press("Enter");
    await expect(page.getByText("Settings of the portal saved")).toBeVisible();
    await page
      .getByRole("button", { name: /^Stop asking:/ })
      .first()
      .press("Enter");
    await expect(page.getByRole("row", { name: /Not asked/ })).toBeVisible();
    await page.getByRole("tab", { name: "Rooms" }).press("Enter");
    await page.getByRole("tab", { name: "Patients' portal" }).press("Enter");
    await expect(rules.getByLabel("Final results: Days")).toHaveValue("5");
    await expect(page.getByRole("row", { name: /Not asked/ })).toBeVisible();
  });

  await test.step("opens the clinic, with its name typed: from then on it takes in patients", async () => {
    await page.goto(`${portal.origin}/app/privacy`);
    await expect(page.getByText("Everything is settled.")).toBeVisible();
    await expect(page.getByText("Told as an alert, by the hours in the clinic’s settings.")).toBeVisible();
    await page.getByRole("button", { name: "Open the clinic" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Open the clinic?" });
    await dialog.getByLabel(/^Type Birch/).focus();
    await page.keyboard.type(name);
    await checkA11y(page);
    await dialog.getByRole("button", { name: "Open the clinic" }).press("Enter");
    await expect(page.getByText("The clinic is open").first()).toBeVisible();
    await expect.poll(registers, { timeout: 8_000, intervals: [1_000] }).toBe(201);
  });
});
