import { expect, type Locator, type Page } from "@playwright/test";

export const formOf = (page: Page) => page.getByRole("form", { name: "Register a patient" });

/** Registers somebody by keyboard alone: from the first field, which has the focus, on to the button. */
export async function typePatient(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  await expect(formOf(page).getByLabel(/^Family name/)).toBeVisible();
  const goTo = async (target: Locator): Promise<void> => {
    for (let tries = 0; tries < 40 && !(await target.evaluate((one) => one === document.activeElement)); tries += 1)
      await page.keyboard.press("Tab");
    await expect(target).toBeFocused();
  };
  for (const [label, value] of Object.entries(values)) {
    await goTo(formOf(page).getByLabel(label, { exact: false }).first());
    await page.keyboard.type(value);
  }
  await goTo(formOf(page).getByRole("button", { name: "Register" }));
  await page.keyboard.press("Enter");
}
