import type { Locator, Page } from "@playwright/test";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { giveDevice } from "./authenticator.ts";

/** CLIN-15: somebody makes a passkey, signs in with it, shows it again for what asks for it, and takes it away. */

const field = (within: Page | Locator, name: string): Locator => within.getByRole("textbox", { name });
/** Everything but the frame around the screen, which has tests of its own. */
const SCREEN = { include: ["#content"] };

const leave = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: /^Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Keyward" })).toBeVisible();
};

test("CLIN-15 from the password to a passkey, and back", async ({ open, portal }) => {
  const nurse = await portal.hire(["nurse"], { displayName: "Hannah Lindqvist" });
  const page = await open(undefined, "/app/account");
  const device = await giveDevice(page);
  // A device without a passkey of ours: said, and the password is there.
  await device.touching(async () => {
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByText("The device gave no passkey.")).toBeVisible();
  });
  await field(page, "Login").fill(nurse.login);
  await field(page, "Password").fill(nurse.password);
  await field(page, "Code").fill(await portal.freshCode(nurse));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  // A nurse works for one purpose: there is nothing to choose.
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Account menu/ })).toContainText("Working for: treatment");

  await page.getByRole("button", { name: "Add a passkey" }).click();
  const adding = page.getByRole("dialog", { name: "Add a passkey on this device" });
  await field(adding, "Name of the passkey").fill("Front room tablet");
  await adding.getByRole("button", { name: "Add a passkey" }).click();
  const stepUp = page.getByRole("dialog", { name: "Confirm that it is you" });
  await expect(field(stepUp, "Password")).toBeVisible();
  await checkA11y(page, { include: ["[role=dialog]"] });
  await field(stepUp, "Password").fill("a wrong password, and long");
  await field(stepUp, "Code").fill("000000");
  await stepUp.getByRole("button", { name: "Confirm", exact: true }).click();
  await expect(stepUp.getByText(/That did not match/)).toBeVisible();
  await field(stepUp, "Password").fill(nurse.password);
  await field(stepUp, "Code").fill(await portal.freshCode(nurse));
  await device.touching(async () => {
    await stepUp.getByRole("button", { name: "Confirm", exact: true }).click();
    await expect(page.getByRole("rowheader", { name: "Front room tablet" })).toBeVisible();
  });
  expect(await device.count()).toBe(1);
  await checkA11y(page, SCREEN);
  await checkReflow(page);

  // Signed out is signed out: the page offers the passkey in its field, and nobody is let in until somebody touches it.
  await leave(page);
  await device.isAsked();
  const who = await page.evaluate(async () => (await fetch("/session", { cache: "no-store" })).status);
  expect([who, await page.context().cookies()]).toEqual([401, []]);
  await expect(page.getByRole("heading", { name: "Sign in to Keyward" })).toBeVisible();
  await device.touching(async () => {
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByRole("button", { name: /^Account menu/ })).toContainText("Hannah Lindqvist");
  });
  await page.goto("/app/account");
  const own = page.getByRole("row").filter({ hasText: "This one" });
  await expect(own).toContainText("with a passkey");

  // Not unlocked, the device shows nobody: the server wants user verification.
  await device.setUnlocked(false);
  await page.getByRole("button", { name: "Remove: Front room tablet" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await device.touching(async () => {
    await stepUp.getByRole("button", { name: "Confirm with a passkey" }).click();
    await expect(stepUp.getByText("The device gave no passkey.")).toBeVisible();
  });
  await device.setUnlocked(true);
  await device.touching(async () => {
    await stepUp.getByRole("button", { name: "Confirm with a passkey" }).click();
    await expect(page.getByText("No passkeys yet")).toBeVisible();
  });

  await leave(page);
  await device.isAsked();
  await device.touching(async () => {
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByText("That passkey was not accepted.")).toBeVisible();
  });
});

test("UIX-5 the sign-in page: keyboard alone, one sentence for every way to be wrong, in two languages", async ({
  open,
  portal,
}) => {
  const desk = await portal.hire(["front-desk"], { displayName: "Tomas Novak" });
  const page = await open(undefined, "/app/");
  await checkA11y(page);
  await checkReflow(page);
  const sentences: (string | null)[] = [];
  for (const login of ["nobody.at.all", desk.login]) {
    await field(page, "Login").fill(login);
    await field(page, "Password").fill("a wrong password, and long");
    await field(page, "Code").fill("000000");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert").filter({ hasText: "did not match" });
    await expect(alert).toBeFocused();
    sentences.push(await alert.textContent());
    await expect(field(page, "Login")).toHaveValue(login);
  }
  expect(new Set(sentences).size).toBe(1);
  await page.getByRole("button", { name: "Español" }).click();
  await expect(page.getByRole("heading", { name: "Iniciar sesión en Keyward" })).toBeVisible();
  await page.getByRole("button", { name: "English" }).click();
  // In another language it is the same refusal: it takes the focus once, and not again from who has gone on.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(page.getByRole("button", { name: "English" })).toBeFocused();

  await field(page, "Login").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(desk.login);
  await page.keyboard.press("Tab");
  await page.keyboard.type(desk.password);
  await page.keyboard.press("Tab");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(await portal.freshCode(desk));
  await page.keyboard.press("Enter");
  // The desk works for two purposes: the usual one is chosen already.
  await expect(page.getByRole("heading", { name: "What are you here for?" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "Running the clinic" })).toBeChecked();
  await checkA11y(page);
  await checkReflow(page);
  await page.getByRole("radio", { name: "Running the clinic" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Account menu/ })).toContainText("Working for: operations");
});
