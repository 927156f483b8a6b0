import { a11yFindings, reflowFindings } from "../harness/checks.ts";
import { expect, test } from "../portal.ts";

test.describe("CLIN-18 by keyboard alone", () => {
  test("a dialog takes the focus, keeps it, and gives it back", async ({ show }) => {
    const page = await show("dialogs");
    const opener = page.getByRole("button", { name: "Open dialog" });
    await opener.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Move the visit" });
    await expect(page.getByLabel("Room")).toBeFocused();
    expect(await a11yFindings(page)).toEqual([]);
    for (let press = 0; press < 5; press += 1) {
      await page.keyboard.press("Tab");
      await expect(dialog.locator(":focus")).toHaveCount(1);
    }
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(opener).toBeFocused();
  });

  test("a drawer opens beside the page, is named, and closes", async ({ show }) => {
    const page = await show("dialogs");
    await page.getByRole("button", { name: "Open drawer" }).press("Enter");
    const drawer = page.getByRole("dialog", { name: "Add an allergy" });
    await expect(drawer.getByLabel("Substance")).toBeVisible();
    expect(await a11yFindings(page)).toEqual([]);
    expect(await reflowFindings(page)).toEqual([]);
    await drawer.getByRole("button", { name: "Close" }).press("Enter");
    await expect(drawer).toBeHidden();
  });

  test("UIX-7 a grave act wants its reason and its word before it can be confirmed", async ({ show }) => {
    const page = await show("dialogs");
    await page.getByRole("button", { name: "Export all charts" }).press("Enter");
    const dialog = page.getByRole("dialog");
    const confirm = dialog.getByRole("button", { name: "Ask for the export" });
    await expect(confirm).toBeDisabled();
    await dialog.getByLabel("Reason").fill("The clinic moves to another house.");
    await expect(confirm).toBeDisabled();
    await dialog.getByLabel("Type EXPORT to confirm").fill("export");
    await expect(confirm).toBeDisabled();
    await dialog.getByLabel("Type EXPORT to confirm").fill("EXPORT");
    await expect(confirm).toBeEnabled();
    expect(await a11yFindings(page)).toEqual([]);
    expect(await reflowFindings(page)).toEqual([]);
  });

  test("a menu opens, moves with the arrows, leaves out what is disabled, and gives the focus back", async ({
    show,
  }) => {
    const page = await show("menu");
    const opener = page.getByRole("button", { name: "Visit actions" });
    await opener.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menu")).toBeVisible();
    expect(await a11yFindings(page)).toEqual([]);
    await expect(page.getByRole("menuitem", { name: "Move to a room" })).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Chosen: print")).toBeVisible();
    await expect(opener).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Unlock" })).toBeDisabled();
    await expect(page.getByRole("menuitem", { name: "Move to a room" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("menu")).toBeHidden();
  });

  test("tabs move with the arrows and open with Enter; what is not shown is not there", async ({ show }) => {
    const page = await show("tabs");
    await page.getByRole("tab", { name: "Summary" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect(page.getByRole("tab", { name: "Notes" })).toBeFocused();
    await expect(page.getByRole("tabpanel")).toHaveText("What matters today.");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("tabpanel")).toHaveText("Notes of every visit.");
    await expect(page.getByText("What matters today.")).toHaveCount(0);
  });

  test("a combobox narrows, says how many there are, takes with Enter and closes with Escape", async ({ show }) => {
    const page = await show("combobox-field");
    const box = page.getByRole("combobox", { name: "Substance", exact: true });
    await box.focus();
    await page.keyboard.type("cillin");
    await expect(page.getByRole("option")).toHaveCount(2);
    await expect(page.getByText("2 matches")).toBeAttached();
    expect(await a11yFindings(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(box).toHaveValue(/illin/);
    await box.fill("zzz");
    await expect(page.getByRole("listbox").getByText("No match")).toBeVisible();
    expect(await a11yFindings(page)).toEqual([]);
    // It is there to be read, and takes nothing.
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(box).toHaveValue("zzz");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("listbox")).toBeHidden();
    const served = page.getByRole("combobox", { name: "Substance from the server" });
    await served.fill("asp");
    await expect(page.getByRole("option", { name: /Aspirin/ })).toBeVisible();
  });

  test("a form says all that is wrong in one place, leads to each field, and keeps what was entered", async ({
    show,
  }) => {
    const page = await show("form");
    const form = page.getByRole("form", { name: "Registration" });
    const submit = form.getByRole("button", { name: "Register" });
    await form.getByRole("textbox", { name: /Date of birth/ }).fill("13/45/62");
    await form.getByRole("textbox", { name: /Weight/ }).fill("1,500");
    await submit.press("Enter");
    const summary = form.getByRole("alert");
    await expect(summary).toBeFocused();
    await expect(summary).toContainText("There are 3 problems");
    expect(await a11yFindings(page)).toEqual([]);
    await summary.getByRole("button", { name: "Family name: fill this in." }).press("Enter");
    await expect(form.getByLabel("Family name")).toBeFocused();
    await expect(form.getByLabel("Family name")).toHaveAttribute("aria-invalid", "true");
    await expect(form.getByRole("textbox", { name: /Date of birth/ })).toHaveValue("13/45/62");

    await form.getByLabel("Family name").fill("Refused");
    await form.getByRole("textbox", { name: /Date of birth/ }).fill("03141962");
    await expect(form.getByText("Wed, Mar 14, 1962")).toBeVisible();
    await form.getByRole("textbox", { name: /Weight/ }).fill("61,5");
    await submit.press("Enter");
    // What the server has to say lands on the field that it names, and in the summary where it names none.
    await expect(summary).toContainText("Family name: This is too long or too large.");
    await expect(summary).toContainText("address.0.city: This cannot be taken as it is.");
    await expect(form.getByLabel("Family name")).toHaveValue("Refused");

    await form.getByLabel("Family name").fill("Example");
    await submit.press("Enter");
    await expect(form.getByText('Saved: {"family":"Example","birthDate":"1962-03-14","weight":61.5}')).toBeVisible();
  });

  test("a date is typed or chosen from a calendar that is all keyboard", async ({ show }) => {
    const page = await show("date-time-fields");
    const field = page.getByRole("textbox", { name: "Date of birth" });
    await expect(field).toHaveValue("03/14/1962");
    await page.getByRole("button", { name: "Choose a date for Date of birth" }).press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await expect(page.getByRole("button", { name: "15 March 1962" })).toBeVisible();
    expect(await a11yFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "15 March 1962" }).press("Enter");
    await expect(field).toHaveValue("03/15/1962");
    await page.getByRole("textbox", { name: "Begins at" }).fill("2p");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("textbox", { name: "Begins at" })).toHaveValue("2:00 PM");
  });

  test("a toast is read out, stays while it has the focus, and takes back what was done", async ({ show }) => {
    const page = await show("toast");
    await page.getByRole("button", { name: "Move the visit" }).press("Enter");
    const region = page.getByRole("region", { name: "Notifications" });
    await expect(region).toHaveAttribute("aria-live", "polite");
    await expect(region).toContainText("The visit was moved.");
    expect(await a11yFindings(page)).toEqual([]);
    await region.getByRole("button", { name: "Undo" }).press("Enter");
    await expect(region).toContainText("The visit is back where it was.");
    await expect(region).not.toContainText("The visit was moved.");
  });

  test("a table is sorted by its headers and says so; a chart is a table for who would rather read it", async ({
    show,
  }) => {
    const page = await show("table");
    const header = page.getByRole("columnheader", { name: "Minutes" });
    await header.getByRole("button").press("Enter");
    await expect(header).toHaveAttribute("aria-sort", "ascending");
    await expect(page.getByRole("rowheader")).toHaveText(["Example, Cora", "Example, Ada", "Example, Ben"]);
    // Laid out as cards it is a table still.
    await page.setViewportSize({ width: 320, height: 640 });
    await expect(page.getByRole("row")).toHaveCount(4);
    await expect(page.getByRole("cell", { name: "Knee pain" })).toBeVisible();

    const chart = await show("trend-chart");
    await expect(chart.getByRole("img")).toHaveAccessibleName(/5 values from Jan 12, 2026 to Nov 20, 2026.*90 to 140/);
    await chart.getByRole("button", { name: /Show as table/ }).press("Enter");
    await expect(chart.getByRole("row", { name: /146 mmHg Above range/ })).toBeVisible();
  });
});

test("CLIN-18 who wants less movement gets none", async ({ show }) => {
  const page = await show("form-loading", { reducedMotion: "reduce" });
  const bar = page.locator('[aria-hidden="true"]').first();
  const durations = await bar.evaluate((element) => getComputedStyle(element).animationDuration);
  expect(Number.parseFloat(durations)).toBeLessThan(0.001);
});

test("CLIN-17 on paper there are no controls, and a sheet says what it is and when it was printed", async ({
  show,
}) => {
  const page = await show("charts");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: /Show as table/ }).first()).toBeHidden();
  await expect(page.getByText("Visit note")).toBeVisible();
  await expect(page.getByText(/Printed .* by Avery Stone/)).toBeVisible();
});
