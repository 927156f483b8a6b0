import type { Page } from "@playwright/test";
import { expect, type Person, type Portal } from "../portal.ts";

/** Both factors again, in the dialog that asks for them. */
export async function stepUp(portal: Portal, page: Page, person: Person): Promise<void> {
  const dialog = page.getByRole("dialog").filter({ has: page.getByRole("textbox", { name: "Password" }) });
  await dialog.getByRole("textbox", { name: "Password" }).fill(person.password);
  await dialog.getByLabel("Code of your authenticator").fill(await portal.freshCode(person));
  await dialog.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(dialog).toBeHidden();
}
