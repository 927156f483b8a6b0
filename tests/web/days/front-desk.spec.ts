import type { Locator } from "@playwright/test";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { openPractice, type Practice } from "../board/clinic-day.ts";
import { boxOf, goTo, MINUTE, pickPatient, rowOf } from "../board/rows.ts";
import { typePatient } from "../patients/registering.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";

test("CLIN-1 CLIN-2 CLIN-17 CLIN-18 a front desk's day: all of it by keyboard, and a visit dragged by pointer", async ({
  portal,
  open,
}) => {
  const practice: Practice = await openPractice(portal, "Board Street Clinic");
  const { clinic } = practice;
  const now = Math.floor(portal.stage.clock.now() / MINUTE) * MINUTE;
  const [early, missed, next, walker] = [
    await clinic.patient(),
    await clinic.patient(),
    await clinic.patient(),
    await clinic.patient(),
  ];
  const caller = { family: "Zqarrival", given: "Nadia" };
  for (const word of Object.values(caller)) portal.canaries.add(word);
  await practice.booked(early.id, now - 30 * MINUTE, { reason: `${early.canary} cough` });
  await practice.booked(missed.id, now - 55 * MINUTE);
  await practice.booked(next.id, now + 60 * MINUTE);
  await practice.worksUntil(practice.other, "23:50");
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

  await test.step("somebody calls who was never here: she is looked for, and registered", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByLabel("Find a patient").focus();
    await page.keyboard.type(caller.family);
    await expect(page.getByText("Nobody matches")).toBeVisible();
    await page.getByRole("link", { name: "Register a patient" }).first().press("Enter");
    await typePatient(page, {
      "Family name": caller.family,
      "First name": caller.given,
      "Date of birth": "6/5/1988",
      Sex: "Female",
    });
    await expect(page.getByText(/Registered under record number \d{6}/)).toBeVisible();
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await expect(rowOf(page, early.family)).toContainText("Arrived");
  });

  await test.step("books the next free time for her", async () => {
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

  await test.step("drags it by pointer: sees what stands against a time, lets go of it, drops it, and takes that back", async () => {
    // Both times are in sight, and neither is near an edge, where the page would move along.
    const size = page.viewportSize() ?? { width: 1280, height: 800 };
    await page.setViewportSize({ width: size.width, height: 1600 });
    await page.getByRole("button", { name: "By provider" }).press("Enter");
    const lane = (name: string): Locator => page.getByRole("region", { name });
    const cardIn = (name: string, family: string): Locator =>
      lane(name).getByRole("listitem").filter({ hasText: family });
    const [card, over] = [cardIn("Maya Okafor", next.family), cardIn("Daniel Reyes", missed.family)];
    await expect(lane("Maya Okafor")).toContainText("Works 12:00 AM to 11:50 PM");
    await checkA11y(page);
    const grab = async (): Promise<void> => {
      await card.evaluate((element) => element.scrollIntoView({ block: "center" }));
      const { x, y, width } = await boxOf(card);
      await page.mouse.move(x + width - 8, y + 4);
      await page.mouse.down();
    };
    const carryTo = async (x: number, y: number): Promise<void> => page.mouse.move(x, y, { steps: 4 });
    const ghost = page.locator("[data-ghost]");

    await grab();
    const past = await boxOf(over);
    await carryTo(past.x + 20, past.y + 4);
    await expect(ghost).toContainText("Not possible: That time is over.");
    await page.keyboard.press("Escape");
    await expect(ghost).toHaveCount(0);
    await page.mouse.up();
    await expect(card).toBeVisible();

    await grab();
    await carryTo(past.x + 20, (await boxOf(card)).y + 4);
    await expect(page.locator("[data-ghost=possible]")).toBeVisible();
    await page.mouse.up();
    const moved = cardIn("Daniel Reyes", next.family);
    await expect(moved).toBeVisible();
    await expect(card).toHaveCount(0);
    // Shown as done before it is: an older note can be taken back as well.
    await expect(moved).not.toHaveAttribute("aria-busy");
    await page.getByRole("button", { name: "Take back" }).last().click();
    await expect(card).toBeVisible();
    await page.setViewportSize(size);
    await page.getByRole("button", { name: "List" }).press("Enter");
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

  await test.step("somebody did not come: that is said, and can be taken back while it is today", async () => {
    await goTo(page, missed.family);
    await page.keyboard.press("n");
    await expect(rowOf(page, missed.family)).toContainText("No-show");
    // What only whoever treats takes back is not offered here.
    await goTo(page, early.family);
    await page.keyboard.press("s");
    await expect(page.getByText("That cannot be done with this visit now").first()).toBeVisible();
  });

  await test.step("prints the day: names and times, and no reason", async () => {
    await page.evaluate(() =>
      Object.assign(window, { print: () => document.body.setAttribute("data-asked", "print") }),
    );
    await page.getByRole("button", { name: /^Print/ }).press("Enter");
    await expect(page.locator("body")).toHaveAttribute("data-asked", "print");
    const printed = await getDocument({ data: new Uint8Array(await page.pdf({ format: "Letter" })) }).promise;
    const content = await (await printed.getPage(1)).getTextContent();
    const sheet = content.items.map((item) => ("str" in item ? item.str : "")).join(" ");
    const solid = (words: string): string => words.replaceAll(/\s+/g, "");
    for (const wanted of [early.family, caller.family, clinic.name]) expect(solid(sheet)).toContain(solid(wanted));
    expect(sheet).not.toContain("cough");
    await printed.destroy();
  });

  await test.step("the same day on a phone, as a list", async () => {
    const phone = await open(await clinic.person("front-desk"), "/app/board", {
      viewport: { width: 320, height: 640 },
      colorScheme: "dark",
    });
    await expect(rowOf(phone, early.family)).toContainText("Arrived");
    await checkReflow(phone);
    await checkA11y(phone);
  });
});
