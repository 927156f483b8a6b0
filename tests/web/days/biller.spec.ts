import { banner, cardOf, furnish } from "../chart/furnished.ts";
import { checkA11y, checkScreen, expect, test } from "../portal.ts";

test("CLIN-1 UIX-3 UIX-4 CLIN-18 a biller's day by keyboard alone: whose bill it is, and of the chart no more than a bill needs", async ({
  portal,
  open,
}) => {
  const patient = await portal.patient();
  await furnish(portal, patient.id, patient.canary);
  const page = await open("billing", "/app/");
  const bodies: string[] = [];
  page.on("response", async (response) => {
    if (response.url().includes("/clinic/patients/")) bodies.push(await response.text().catch(() => ""));
  });

  await test.step("is offered what billing has, and nothing of the day or of the clinic's affairs", async () => {
    const nav = page.getByRole("navigation");
    await expect(nav.getByRole("link", { name: "Patients" })).toBeVisible();
    for (const name of ["Day board", "Settings", "Oversight", "Privacy"])
      await expect(nav.getByRole("link", { name, exact: true })).toHaveCount(0);
    await checkA11y(page);
  });

  await test.step("finds a patient by name and birth date, and sees who she is", async () => {
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Search and commands" })).toBeFocused();
    await page.keyboard.type(`${patient.family} 2/29/1980`);
    await expect(page.getByRole("option", { name: new RegExp(patient.family) })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(banner(page)).toContainText(patient.family);
    // Of the number as much as tells two of one name apart.
    await expect(banner(page)).toContainText(/Record number\s*••••-MRN\s*Partly hidden/);
  });

  await test.step("what is clinical is restricted, in words, and no byte of it comes", async () => {
    for (const name of ["Medications", "Problems"])
      await expect(cardOf(page, name)).toContainText("Your role does not need this for its work.");
    await page.getByRole("tab", { name: "Timeline" }).press("Enter");
    await expect(page.getByText(/Problems.*: restricted/)).toBeVisible();
    await checkA11y(page);
    expect(bodies.length).toBeGreaterThan(2);
    for (const word of ["hypertension", "Lisinopril", `${patient.canary} tea`, "148"])
      expect(bodies.filter((body) => body.includes(word))).toEqual([]);
  });

  await test.step("reads her details, and changes none", async () => {
    await page.goto(`${portal.origin}/app/patients/${patient.id}/details`);
    // Of a phone number, too, as much as tells that it is hers: one treatment on every screen.
    await expect(page.getByText(`••••${patient.phone.slice(-4)}`)).toBeVisible();
    await expect(page.getByText(patient.phone)).toHaveCount(0);
    await expect(page.getByRole("button", { name: /^Save/ })).toHaveCount(0);
    await checkScreen(page);
  });
});
