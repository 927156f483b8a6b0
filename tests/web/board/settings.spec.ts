import { checkA11y, checkReflow, expect, test } from "../portal.ts";

test("CLIN-2 an administrator settles hours, rooms and visit types", async ({ portal, open }) => {
  const clinic = await portal.clinic("Settings Clinic");
  const page = await open(await clinic.person("clinic-administrator"), "/app/settings");
  await expect(page.getByText("No time zone was chosen yet")).toBeVisible();
  await checkA11y(page);

  await test.step("a holiday, by keyboard alone", async () => {
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
  });

  await test.step("hours that close before they open are refused at their field", async () => {
    await page.getByLabel("Saturday opens", { exact: true }).fill("5p");
    await page.getByLabel("Saturday closes", { exact: true }).fill("9a");
    const week = page.getByRole("form", { name: "Hours of the week" });
    await week.getByRole("button", { name: "Save" }).click();
    await expect(week.getByRole("alert")).toContainText("Saturday closes: It closes before it opens.");
  });

  await test.step("a room and a visit type", async () => {
    await page.getByRole("tab", { name: "Rooms" }).click();
    const leave = page.getByRole("dialog", { name: /leave/i });
    if (await leave.isVisible()) await leave.getByRole("button").last().click();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const room = page.getByRole("dialog", { name: "Sites and rooms" });
    await room.getByLabel(/^Name/).fill("Room 7");
    await room.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name: /Room 7/ })).toContainText("In use");
    await page.getByRole("tab", { name: "Visit types" }).click();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const type = page.getByRole("dialog", { name: "Visit types" });
    await type.getByLabel(/^Name/).fill("Checkup");
    await checkA11y(page);
    await type.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name: /Checkup/ })).toContainText("20");
    await checkReflow(page);
  });
});
