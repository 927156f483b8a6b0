import { checkA11y, expect, test } from "../portal.ts";
import { openPractice } from "./clinic-day.ts";
import { goTo, MINUTE, pickPatient, rowOf } from "./rows.ts";

test("CLIN-2 the two days of 2026 on which clocks change @long", async ({ portal, open }) => {
  const practice = await openPractice(portal, "Clock Change Clinic", "America/Chicago");
  const { clinic } = practice;
  const [first, second, third] = [await clinic.patient(), await clinic.patient(), await clinic.patient()];
  await practice.booked(first.id, Date.parse("2026-11-01T06:30:00Z"));
  await practice.booked(second.id, Date.parse("2026-11-01T07:30:00Z"));
  await practice.booked(third.id, Date.parse("2026-03-08T08:00:00Z"));
  const desk = await clinic.person("front-desk");

  const page = await open(desk, "/app/board?day=2026-11-01");
  await expect(page.getByText("Clocks go back on this day")).toBeVisible();
  await expect(page.getByText("1:00 AM to 2:00 AM comes twice")).toBeVisible();
  await expect(rowOf(page, first.family)).toContainText("1:30 AM, first time (UTC-05:00)");
  await expect(rowOf(page, second.family)).toContainText("1:30 AM, second time (UTC-06:00)");
  await checkA11y(page);

  await page.goto(`${portal.origin}/app/board?day=2026-03-08`);
  await expect(page.getByText("Clocks go forward on this day")).toBeVisible();
  await expect(page.getByText("2:00 AM to 3:00 AM is not there")).toBeVisible();
  await expect(rowOf(page, third.family)).toContainText("3:00 AM");

  await test.step("a time that is not there is not bookable, and one that comes twice is named", async () => {
    await page.goto(`${portal.origin}/app/board?day=2027-03-14`);
    await expect(page.getByText("Clocks go forward on this day")).toBeVisible();
    await page.keyboard.press("b");
    const dialog = page.getByRole("dialog", { name: "Book an appointment" });
    await pickPatient(dialog, first.family);
    await dialog.getByLabel(/^Time/).fill("2:30a");
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await expect(dialog.getByRole("alert")).toContainText("this time is not there");
    await dialog.getByLabel(/^Day/).fill("11/07/2027");
    await dialog.getByLabel(/^Time/).fill("1:30a");
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await dialog.getByRole("radio", { name: /^The second/ }).check();
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await expect(dialog).toBeHidden();
    await page.goto(`${portal.origin}/app/board?day=2027-11-07`);
    await expect(rowOf(page, first.family)).toContainText("1:30 AM, second time");
  });
});

test("CLIN-2 two desks on one slot, and two people on one visit @long", async ({ portal, open }) => {
  const practice = await openPractice(portal, "Two Desk Clinic");
  const { clinic } = practice;
  const now = Math.floor(portal.stage.clock.now() / MINUTE) * MINUTE;
  const [ada, bea, cleo] = [await clinic.patient(), await clinic.patient(), await clinic.patient()];
  await practice.booked(cleo.id, now + 90 * MINUTE);
  const desks = [
    await open(await clinic.person("front-desk"), "/app/board"),
    await open(await clinic.person("nurse"), "/app/board"),
  ] as const;
  const tomorrow = new Date(Date.parse(practice.today) + 864e5).toISOString().slice(0, 10).split("-");
  const dialogs = await Promise.all(
    desks.map(async (page, index) => {
      await expect(rowOf(page, cleo.family)).toBeVisible();
      await page.getByRole("button", { name: "Book", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Book an appointment" });
      await pickPatient(dialog, [ada, bea][index]?.family ?? "");
      await dialog.getByLabel("Provider").selectOption({ label: "Daniel Reyes" });
      await dialog.getByLabel(/^Day/).fill(`${String(tomorrow[1])}/${String(tomorrow[2])}/${String(tomorrow[0])}`);
      await dialog.getByLabel(/^Time/).fill("10:00");
      return dialog;
    }),
  );
  await Promise.all(dialogs.map((dialog) => dialog.getByRole("button", { name: "Book", exact: true }).click()));
  await expect
    .poll(
      async () => (await Promise.all(dialogs.map((dialog) => dialog.isVisible()))).filter((isOpen) => isOpen).length,
    )
    .toBe(1);
  for (const [index, dialog] of dialogs.entries()) {
    if (!(await dialog.isVisible())) continue;
    await expect(dialog.getByRole("alert")).toContainText("The provider has another appointment then");
    await desks[index === 0 ? 0 : 1].keyboard.press("Escape");
  }

  await test.step("who comes second on a visit is told what it is now", async () => {
    const [front, nurse] = desks;
    await nurse.reload();
    await expect(rowOf(nurse, cleo.family)).toBeVisible();
    await front.reload();
    await goTo(front, cleo.family);
    await front.keyboard.press("a");
    await expect(rowOf(front, cleo.family)).toContainText("Arrived");
    await goTo(nurse, cleo.family);
    await nurse.keyboard.press("a");
    await expect(nurse.getByText("Somebody else changed this visit: it is now Arrived")).toBeVisible();
    await expect(rowOf(nurse, cleo.family)).toContainText("Arrived");
  });
});
