import type { Page } from "@playwright/test";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

test("CLIN-18 the shell by keyboard: skip link, palette, help sheet, two-key shortcuts, and the focus on each new title", async ({
  open,
}) => {
  const page = await open("physician", "/app/");
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
  expect(await page.title()).toBe("Keyward");

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Search and commands" });
  await expect(box).toBeFocused();
  await page.keyboard.type("priv");
  await expect(page.getByRole("option", { name: "Privacy" })).toHaveAttribute("aria-selected", "true");
  await checkA11y(page);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/app\/privacy$/);
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeFocused();

  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await expect(page).toHaveURL(/\/app\/board$/);
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeFocused();

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help.getByRole("row", { name: /Go to Day board G then D/ })).toBeVisible();
  await checkA11y(page);
  await help.getByRole("checkbox", { name: "Use shortcuts of a single key" }).press("Space");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.keyboard.press("Control+k");
  await expect(box).toBeFocused();
  await expect(page).toHaveURL(/\/app\/board$/);
  expect(await page.title()).toBe("Keyward");
});

test("UIX-3 the shell says that it is offline, as whom one works, and speaks Spanish; dark and 320 px are no worse", async ({
  open,
}) => {
  const page = await open("nurse", "/app/", { colorScheme: "dark" });
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await expect(page.getByRole("button", { name: /Account menu/ })).toContainText("Nurse. Working for: treatment");
  // WCAG 2.2 2.5.3: who speaks to the page says what stands on a button.
  await checkA11y(page, { rules: ["label-content-name-mismatch"] });
  await page.context().setOffline(true);
  await expect(page.getByText(/No connection\. Last update .* Nothing can be saved/)).toBeVisible();
  await checkA11y(page);
  await page.context().setOffline(false);
  await expect(page.getByText(/No connection/)).toHaveCount(0);

  await page.getByRole("button", { name: /Account menu/ }).press("Enter");
  await checkA11y(page);
  await page.getByRole("menuitem", { name: "Español" }).press("Enter");
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.getByRole("button", { name: /Menú de la cuenta/ })).toBeVisible();
  await checkReflow(page);
});

test("UIX-1 a screen that a role does not have is not shown; one that does not exist says so", async ({
  open,
  portal,
}) => {
  const page = await open("nurse", "/app/settings");
  await expect(heading(page, "You cannot open this page")).toBeVisible();
  await expect(page.getByRole("navigation").getByRole("link", { name: "Settings" })).toHaveCount(0);
  await page.goto(`${portal.origin}/app/no-such-screen`);
  await expect(heading(page, "There is no such page")).toBeVisible();
  await checkA11y(page);
});

test("UIX-5 a session that ends hides the page with its dialogs, keeps what was entered, and tells the other tabs", async ({
  open,
  portal,
}) => {
  const person = await portal.hire(["nurse"]);
  const page = await open(person, "/app/patients/new");
  const family = page.getByRole("textbox", { name: /family|last name/i }).first();
  await family.fill("Draftkept");
  await page.route(/\/(clinic|session)(\/|$)/, (route) =>
    route.fulfill({
      status: 401,
      contentType: "application/problem+json",
      body: '{"title":"Sign in first.","code":"login"}',
    }),
  );
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search and commands" })).toBeFocused();
  await page.keyboard.type("draftkept");
  await expect(heading(page, "Your session is over")).toBeVisible();
  await expect(family).toBeHidden();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  // Hidden and inert: nothing of it is in what a screen reader is given.
  expect(await page.locator("body").ariaSnapshot()).not.toContain("Draftkept");
  await checkA11y(page);
  const kept = page.getByRole("textbox", { name: /family|last name/i, includeHidden: true }).first();
  await expect(kept).toHaveValue("Draftkept");
});
