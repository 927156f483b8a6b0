import type { Locator, Page } from "@playwright/test";
import { totpAt } from "../../../core/identity/totp.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { type Device, giveDevice } from "../session/authenticator.ts";

/** CLIN-15, CLIN-18, UIX-7: somebody is invited, enrols, signs in, is given other work, and is let go. */

const SCREEN = { include: ["#content"] };
const DIALOG = { include: ["[role=dialog]"] };
const PASSWORD = "several words in a row";
const field = (within: Page | Locator, name: string): Locator => within.getByRole("textbox", { name });

/** Both factors for what was just asked for, by the passkey of the administrator's device. */
async function confirm(page: Page, device: Device, seen: () => Promise<void>): Promise<void> {
  await device.touching(async () => {
    await page.getByRole("button", { name: "Confirm with a passkey" }).click();
    await seen();
  });
}

async function addPasskey(page: Page, device: Device, code: string, password: string): Promise<void> {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Add a passkey" }).click();
  const stepUp = page.getByRole("dialog", { name: "Confirm that it is you" });
  await field(stepUp, "Password").fill(password);
  await field(stepUp, "Code").fill(code);
  await device.touching(async () => {
    await stepUp.getByRole("button", { name: "Confirm", exact: true }).click();
    await expect(page.getByRole("rowheader", { name: "This device" })).toBeVisible();
  });
}

test("CLIN-15 UIX-7 an invited nurse enrols, signs in, is given other roles, and is let go; an app comes and is suspended", async ({
  open,
  portal,
}) => {
  const dana = await portal.hire(["clinic-administrator"], { displayName: "Dana Whitfield" });
  const page = await open(dana, "/app/account");
  const device = await giveDevice(page);
  await page.reload();
  await addPasskey(page, device, await portal.freshCode(dana), dana.password);

  let code = "";
  await test.step("the administrator invites her, after seeing what a nurse could see", async () => {
    await page.getByRole("link", { name: "People" }).click();
    await expect(page.getByRole("row", { name: /Dana Whitfield/ })).toContainText("You");
    await checkA11y(page, SCREEN);
    await checkReflow(page);
    await page.getByRole("button", { name: "Invite a person" }).press("Enter");
    const drawer = page.getByRole("dialog", { name: "Invite a person" });
    await field(drawer, "Name").fill("Nadia Okoro");
    await field(drawer, "Login").fill("nadia.okoro");
    await drawer.getByLabel("Nurse").check();
    await expect(drawer.getByRole("row", { name: /^Clinical records/ })).toContainText("treatment");
    await expect(drawer.getByRole("row", { name: /^Specially protected/ })).toContainText("with the patient’s consent");
    await checkA11y(page, DIALOG);
    await drawer.getByRole("button", { name: "Invite and show the code" }).press("Enter");
    const shown = page.getByRole("dialog", { name: "Enrolment code for Nadia Okoro" });
    await confirm(page, device, () => expect(shown).toBeVisible());
    code = (await shown.getByText(/^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/).textContent()) ?? "";
    await checkA11y(page, DIALOG);
    await expect(shown.getByRole("button", { name: "Done" })).toBeDisabled();
    await shown.getByLabel("I have it where I can hand it over").check();
    await shown.getByRole("button", { name: "Done" }).press("Enter");
    await expect(page.getByRole("row", { name: /Nadia Okoro/ })).toContainText("Invited");
  });

  const hers = await open(undefined, `/app/enrol#${code}`);
  portal.canaries.add(code);
  await test.step("she opens her account with the code, which leaves the address at once", async () => {
    await expect(hers.getByRole("heading", { name: "Welcome, Nadia Okoro" })).toBeVisible();
    expect(new URL(hers.url()).hash).toBe("");
    await expect(hers.getByText("nadia.okoro")).toBeVisible();
    await checkA11y(hers);
    await checkReflow(hers);
    const seed = ((await hers.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent()) ?? "").replaceAll(" ", "");
    await field(hers, "New password").fill(PASSWORD);
    await field(hers, "The same password again").fill(PASSWORD);
    await expect(hers.getByRole("img", { name: "QR code with the key for the authenticator" })).toBeVisible();
    await field(hers, "Code of the authenticator").fill("000000");
    await hers.getByRole("button", { name: "Open my account" }).press("Enter");
    await expect(
      hers.getByText("That is not the code that the authenticator shows now.", { exact: false }),
    ).toBeVisible();
    await field(hers, "Code of the authenticator").fill(totpAt(seed, portal.stage.clock.now()));
    await hers.getByRole("button", { name: "Open my account" }).press("Enter");
    await expect(hers.getByRole("button", { name: /^Account menu/ })).toContainText("Nadia Okoro");
  });

  await test.step("the administrator gives her other work, and sees what she gains and loses", async () => {
    await page.getByRole("link", { name: "Nadia Okoro" }).click();
    await expect(page.getByRole("heading", { name: "What this person can see" })).toBeVisible();
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
    await checkA11y(page, SCREEN);
    await checkReflow(page);
    await page.getByRole("button", { name: "Change roles" }).press("Enter");
    const drawer = page.getByRole("dialog", { name: "Roles of Nadia Okoro" });
    await drawer.getByLabel("Nurse").uncheck();
    await drawer.getByLabel("Billing").check();
    await expect(drawer.getByRole("list", { name: "Gains" })).toContainText("Billing, write: payment");
    await expect(drawer.getByRole("list", { name: "Loses" })).toContainText("Clinical records, see");
    await checkA11y(page, DIALOG);
    await drawer.getByRole("button", { name: "Change the roles" }).press("Enter");
    await confirm(page, device, () => expect(drawer).toBeHidden());
    await expect(page.getByText("The roles were changed")).toBeVisible();
  });

  await test.step("an app of another maker is connected, looked at, and suspended", async () => {
    await page.getByRole("navigation").getByRole("link", { name: "Apps and systems" }).click();
    await expect(page.getByText("No apps yet")).toBeVisible();
    await checkA11y(page, SCREEN);
    await checkReflow(page);
    await page.getByRole("button", { name: "Register an app" }).first().press("Enter");
    const drawer = page.getByRole("dialog", { name: "Register an app" });
    await drawer.getByLabel("People sign in, on their own device").check();
    await field(drawer, "Name").fill("Growth charts");
    await drawer.getByLabel("May do").selectOption("user/*.rs");
    await drawer.getByLabel("treatment", { exact: false }).first().check();
    const redirects = field(drawer, "Where it may send people back to");
    await redirects.fill("http://charts.example.org/back");
    await drawer.getByRole("button", { name: "Register", exact: true }).press("Enter");
    await expect(redirects).toHaveAccessibleDescription(/https/);
    await checkA11y(page, DIALOG);
    await redirects.fill("https://charts.example.org/back");
    await drawer.getByRole("button", { name: "Register", exact: true }).press("Enter");
    await confirm(page, device, () => expect(drawer).toBeHidden());
    await page.getByRole("link", { name: "Growth charts" }).click();
    await expect(page.getByText("Read only, as far as whoever signs in may")).toBeVisible();
    await checkA11y(page, SCREEN);
    await checkReflow(page);
    await page.getByRole("button", { name: "Suspend" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Suspend Growth charts?" });
    await dialog.getByLabel("Reason", { exact: false }).selectOption({ index: 1 });
    await dialog.getByLabel("In your words").fill("Not needed any more");
    await dialog.getByRole("button", { name: "Suspend" }).press("Enter");
    await confirm(page, device, () => expect(dialog).toBeHidden());
    await expect(page.getByText("Suspended", { exact: true })).toBeVisible();
    await page.getByRole("navigation").getByRole("link", { name: "People", exact: true }).click();
    await page.getByRole("link", { name: "Nadia Okoro" }).click();
  });

  await test.step("her access ends, and her next step is refused", async () => {
    await page.getByRole("button", { name: "End access" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "End the access of Nadia Okoro?" });
    await expect(dialog.getByRole("button", { name: "End access now" })).toBeDisabled();
    await dialog.getByLabel("Reason", { exact: false }).selectOption("staff-change");
    await dialog.getByLabel("In your words").fill("Left the clinic");
    await checkA11y(page, DIALOG);
    await dialog.getByRole("button", { name: "End access now" }).press("Enter");
    await confirm(page, device, () => expect(dialog).toBeHidden());
    await expect(page.getByText("Access ended", { exact: true })).toBeVisible();
    await hers.reload();
    await expect(hers.getByRole("heading", { name: "Sign in to Keyward" })).toBeVisible();
  });
});
