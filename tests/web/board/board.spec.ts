import type { Locator, Page } from "@playwright/test";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { openPractice, type Practice } from "./clinic-day.ts";

const MINUTE = 60_000;
const rowOf = (page: Page, name: string): Locator => page.getByRole("row").filter({ hasText: name });

/** Moves along the rows by keyboard until the one of this patient has the focus. */
async function goTo(page: Page, family: string): Promise<void> {
  await expect(rowOf(page, family)).toBeVisible();
  const label = (): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  await page.keyboard.press("j");
  const arrows = [...Array.from({ length: 8 }, () => "ArrowUp"), ...Array.from({ length: 8 }, () => "ArrowDown")];
  for (const arrow of arrows) {
    if ((await label()).includes(family)) break;
    await page.keyboard.press(arrow);
  }
  await expect(page.locator("tbody button:focus")).toHaveAccessibleName(new RegExp(family));
}

/** Finds a patient in the field of a dialog, as somebody types. */
async function pickPatient(dialog: Locator, family: string): Promise<void> {
  const page = dialog.page();
  await dialog.getByRole("combobox", { name: /^Patient/ }).fill(family.slice(0, 8));
  const option = page.getByRole("option", { name: new RegExp(family) });
  await expect(option).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

test("CLIN-2 CLIN-18 a front desk's day, by keyboard alone", async ({ portal, open }) => {
  const practice: Practice = await openPractice(portal, "Board Street Clinic");
  const { clinic } = practice;
  const now = Math.floor(portal.stage.clock.now() / MINUTE) * MINUTE;
  const [early, next, walker, caller] = [
    await clinic.patient(),
    await clinic.patient(),
    await clinic.patient(),
    await clinic.patient(),
  ];
  await practice.booked(early.id, now - 30 * MINUTE, { reason: `${early.canary} cough` });
  await practice.booked(next.id, now + 60 * MINUTE);
  const page = await open(await clinic.person("front-desk"), "/app/board");

  await test.step("sees the day, and not why somebody comes", async () => {
    await expect(rowOf(page, early.family)).toContainText("Late");
    await expect(page.getByRole("row", { name: /^Now/ })).toBeVisible();
    await expect(page.getByRole("table")).not.toContainText("cough");
    await checkA11y(page);
  });

  await test.step("checks somebody in with one key, and takes it back", async () => {
    await goTo(page, early.family);
    await page.keyboard.press("a");
    await expect(rowOf(page, early.family)).toContainText("Arrived");
    await goTo(page, early.family);
    await page.keyboard.press("u");
    await expect(rowOf(page, early.family)).toContainText("Booked");
    await goTo(page, early.family);
    await page.keyboard.press("a");
    await expect(rowOf(page, early.family)).toContainText("Arrived");
  });

  await test.step("books the next free time for somebody who calls", async () => {
    await page.keyboard.press("b");
    const dialog = page.getByRole("dialog", { name: "Book an appointment" });
    await pickPatient(dialog, caller.family);
    await dialog.getByLabel("Visit type").focus();
    await page.keyboard.type("Checkup");
    await expect(dialog.getByLabel(/^Minutes/)).toHaveValue("30");
    await dialog.getByLabel("Provider").focus();
    await page.keyboard.type("Daniel");
    await dialog.getByRole("button", { name: "Find free times" }).press("Enter");
    await dialog.getByRole("list", { name: "Next free times" }).getByRole("button").first().press("Enter");
    await expect(dialog.getByLabel(/^Time/)).not.toHaveValue("");
    await checkA11y(page);
    await dialog.getByRole("button", { name: "Book", exact: true }).press("Enter");
    await expect(dialog).toBeHidden();
    await expect(rowOf(page, caller.family)).toContainText("Checkup, 30 min");
  });

  await test.step("takes in a walk-in", async () => {
    await page.keyboard.press("w");
    const dialog = page.getByRole("dialog", { name: "Take in a walk-in" });
    await pickPatient(dialog, walker.family);
    await dialog.getByRole("button", { name: "Walk-in" }).press("Enter");
    await expect(rowOf(page, walker.family)).toContainText("Walk-in");
    await expect(rowOf(page, walker.family)).toContainText("Arrived");
  });

  await test.step("moves an appointment to another provider by a dialog", async () => {
    await goTo(page, next.family);
    await page.keyboard.press("m");
    const dialog = page.getByRole("dialog", { name: "Move the appointment" });
    await dialog.getByLabel("Provider").focus();
    await page.keyboard.type("Maya");
    await dialog.getByRole("button", { name: "Move" }).press("Enter");
    await expect(rowOf(page, next.family)).toContainText("Maya Okafor");
  });

  await test.step("cancels with a reason, and a step that cannot be is not done", async () => {
    await goTo(page, next.family);
    await page.keyboard.press("c");
    await expect(page.getByText("That cannot be done with this visit now")).toBeVisible();
    await page.keyboard.press("x");
    const dialog = page.getByRole("dialog", { name: "Cancel the appointment" });
    await dialog.getByRole("button", { name: "Cancel appointment" }).press("Enter");
    await expect(dialog.getByRole("alert")).toBeVisible();
    await dialog.getByLabel(/^Why it is cancelled/).focus();
    await page.keyboard.type("Patient");
    await dialog.getByRole("button", { name: "Cancel appointment" }).press("Enter");
    await expect(rowOf(page, next.family)).toContainText("Cancelled");
  });

  await test.step("a nurse sees the reason, rooms the patient and starts the visit", async () => {
    const nurse = await open(await clinic.person("nurse"), "/app/board");
    await expect(rowOf(nurse, early.family)).toContainText("cough");
    await goTo(nurse, early.family);
    await nurse.keyboard.press("r");
    const dialog = nurse.getByRole("dialog", { name: "Bring to a room" });
    await dialog.getByLabel("Room", { exact: true }).focus();
    await nurse.keyboard.type("Room 1");
    await dialog.getByRole("button", { name: "Room", exact: true }).press("Enter");
    await expect(rowOf(nurse, early.family)).toContainText("In room");
    await nurse.getByRole("button", { name: "By room" }).click();
    const lane = nurse.getByRole("region", { name: "Room 1" });
    await lane.getByRole("button", { name: /^Start visit/ }).click();
    await expect(lane).toContainText("In visit");
    await checkA11y(nurse);
  });

  await test.step("the same day on a phone, as a list", async () => {
    const phone = await open(await clinic.person("front-desk"), "/app/board", {
      viewport: { width: 320, height: 640 },
      colorScheme: "dark",
    });
    await expect(rowOf(phone, early.family)).toContainText("In visit");
    await checkReflow(phone);
    await checkA11y(phone);
  });
});

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
