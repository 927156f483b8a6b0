import { expect, type Locator, type Page } from "@playwright/test";

export const MINUTE = 60_000;
export const rowOf = (page: Page, name: string): Locator => page.getByRole("row").filter({ hasText: name });

/** Where something is on the screen. */
export async function boxOf(what: Locator): Promise<NonNullable<Awaited<ReturnType<Locator["boundingBox"]>>>> {
  const box = await what.boundingBox();
  if (box === null) throw new Error("it is on the screen");
  return box;
}

/** Moves along the rows by keyboard until the one of this patient has the focus. */
export async function goTo(page: Page, family: string): Promise<void> {
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
export async function pickPatient(dialog: Locator, family: string): Promise<void> {
  const page = dialog.page();
  await dialog.getByRole("combobox", { name: /^Patient/ }).fill(family.slice(0, 8));
  const option = page.getByRole("option", { name: new RegExp(family) });
  await expect(option).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}
