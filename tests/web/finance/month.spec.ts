import type { Locator, Page } from "@playwright/test";
import { moneyText, scaledOf, textOfScaled } from "../../../web/src/i18n/money.ts";
import { checkA11y, checkReflow, checkScreen, expect, test } from "../portal.ts";
import { stepUp } from "../govern/people.ts";
import { type Device, giveDevice } from "../session/authenticator.ts";
import { fillBooks, knownMonth } from "./books.ts";
import { bytesOf, csvTotal, parquetTotal, pdfText, xlsxTotal } from "./file-totals.ts";

/** A cent's text of an exact amount, as every screen shows it. */
const cents = (amount: string): string => moneyText("en-US", { amount, currency: "USD" });
/** What a cell says, without the label that a phone's card would show. */
const cellText = async (row: Locator, place: number): Promise<string> =>
  (await row.getByRole("cell").nth(place).locator("> span").last().innerText()).trim();

async function signIn(page: Page, login: string, password: string, code: string): Promise<void> {
  await page.getByRole("textbox", { name: "Login" }).fill(login);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** What is put in wants both factors each time: by passkey, which no code has to be waited for. */
async function showPasskey(page: Page, device: Device): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });
  await device.touching(async () => {
    await dialog.getByRole("button", { name: "Confirm with a passkey" }).press("Enter");
    await expect(dialog).toBeHidden();
  });
}

/** A clinic of a form, found by typing. */
async function chooseClinic(within: Locator, label: string, name: string): Promise<void> {
  const field = within.getByRole("combobox", { name: label });
  await field.fill(name);
  await expect(within.page().getByRole("option", { name })).toBeVisible();
  await field.press("ArrowDown");
  await field.press("Enter");
  await expect(field).toHaveValue(name);
}

test("COST-1 COST-3 COST-5 COST-7 PROOF-11 a finance person's month: overview, loss-makers down to the day, reconcile, price of controls, one total in screen, CSV, XLSX, Parquet and PDF, and a budget, a cost and a plan that are put in", async ({
  portal,
  open,
}) => {
  const lossMaker = await portal.clinic("Old Mill Radiology");
  await fillBooks(portal.stage, portal, lossMaker);
  const month = knownMonth(portal.stage);
  const finance = await portal.finance("Robin Hale");
  const page = await open(undefined, "/app/");
  const device = await giveDevice(page);

  await test.step("signs in without a purpose of use, begins with the overview, and has no menu of a clinic", async () => {
    await signIn(page, finance.login, finance.password, await portal.freshCode(finance));
    await expect(page.getByRole("heading", { level: 1, name: "Costs and margin" })).toBeVisible();
    for (const name of ["Day board", "Patients", "Inbox", "Exports", "People", "Oversight", "Statement"])
      await expect(page.getByRole("link", { name, exact: true })).toHaveCount(0);
    const refused = await page.evaluate(async () => {
      const answers = ["/clinic/patients/recent", "/fhir/Patient?name=a", "/admin/privacy", "/admin/statement"].map(
        async (address) => (await fetch(address)).status,
      );
      return Promise.all(answers);
    });
    // Not answered, whatever is asked: without a purpose of use, or by policy.
    expect(refused.filter((status) => ![400, 403, 404].includes(status))).toEqual([]);
    await page.goto("/app/account");
    await page.getByRole("button", { name: "Add a passkey" }).press("Enter");
    const adding = page.getByRole("dialog", { name: "Add a passkey on this device" });
    await adding.getByRole("textbox", { name: "Name of the passkey" }).fill("Office laptop");
    await adding.getByRole("button", { name: "Add a passkey" }).press("Enter");
    await device.touching(async () => {
      await stepUp(portal, page, finance);
      await expect(page.getByRole("rowheader", { name: "Office laptop" })).toBeVisible();
    });
  });

  await page.goto(`/app/finance/overview?month=${month}`);
  const total = page.getByRole("definition").first();
  const trend = page.getByRole("img", { name: /^Cost by month/ });

  await test.step("sees the month by layer, where it heads, and the same as a table", async () => {
    await expect(total).toContainText("Estimated");
    await expect(trend).toBeVisible();
    await page.getByRole("button", { name: "Show as table: Cost by month" }).press("Enter");
    await expect(page.getByRole("table", { name: "Cost by month" })).toBeVisible();
    await expect(page.getByRole("table", { name: /^Cost of .* by layer/ })).toContainText("Runtime");
    await expect(page.getByText(/^(?:Closes in|Due: )/).first()).toBeVisible();
    await checkA11y(page);
    await checkReflow(page);
  });
  const shown = ((await total.innerText()).match(/-?\$[\d,]+\.\d\d/) ?? [""])[0];

  await test.step("finds who is below cost first, and what is nobody's beside the clinics", async () => {
    await page.getByRole("link", { name: "Clinics", exact: true }).press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Clinics" })).toBeVisible();
    await page.getByRole("combobox", { name: /^Month/ }).selectOption(month);
    const table = page.getByRole("table", { name: "Margin of every clinic" });
    await expect(table.getByRole("row").nth(1)).toContainText("Old Mill Radiology");
    await expect(table.getByRole("row").nth(1)).toContainText("Below cost");
    await expect(table.getByRole("row", { name: /^Lakeside Family Practice/ })).not.toContainText("Below cost");
    await expect(table.getByRole("row").nth(-2)).toContainText("Unallocated");
    await expect(table.getByRole("row").last()).toContainText(shown);
    await page.getByRole("searchbox", { name: "Clinic" }).fill("mill");
    await expect(page.getByText("1 clinic shown")).toBeVisible();
    await expect(table.getByRole("row", { name: /Unallocated/ })).toBeVisible();
    await checkScreen(page);
  });

  await test.step("goes down to service and day: what stands on each level adds up to its total", async () => {
    await page.getByRole("link", { name: "Old Mill Radiology" }).press("Enter");
    for (const level of ["By layer", /by service$/, /by day$/]) {
      const table = page.getByRole("table", { name: level });
      await expect(table).toBeVisible();
      const rows = await table.getByRole("row").all();
      const place = level === "By layer" ? 0 : 2;
      const amounts = await Promise.all(rows.slice(1).map((row) => cellText(row, place)));
      const scaled = amounts.map((text) => scaledOf(text.replaceAll(/[$,]/g, "")) ?? 0n);
      expect(scaled.length).toBeGreaterThan(1);
      expect(textOfScaled(scaled.slice(0, -1).reduce((sum, each) => sum + each, 0n))).toBe(
        textOfScaled(scaled.at(-1) ?? -1n),
      );
      await (level === "By layer" ? checkReflow(page) : checkA11y(page));
      const link = table.getByRole("link").first();
      if ((await link.count()) > 0) await link.press("Enter");
    }
  });

  await test.step("reads how far the meter explains the bill, is told where a bill has a fault, why nothing opens a closed month, and a control's price", async () => {
    await page.goto(`/app/finance/reconcile?month=${month}`);
    await expect(page.getByText("No bill of this month yet")).toBeVisible();
    await page.getByRole("button", { name: "Upload a bill" }).first().press("Enter");
    const drawer = page.getByRole("dialog", { name: "Upload AWS’s bill" });
    const file = {
      name: "november.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("BilledCost,BillingCurrency\nx,USD\n"),
    };
    await drawer.getByLabel("File", { exact: true }).setInputFiles(file);
    await drawer.getByRole("textbox", { name: /^Complete until/ }).fill("12/1/2026");
    await drawer.getByRole("textbox", { name: /^Reason/ }).fill("Month end");
    await checkA11y(page);
    await drawer.getByRole("button", { name: "Check and take over" }).press("Enter");
    await showPasskey(page, device);
    await expect(drawer.getByText("The file was not taken over: nothing was changed")).toBeVisible();
    await expect(drawer.getByText("Line 2, column ChargeClass: this column is missing.")).toBeVisible();
    await drawer.getByRole("button", { name: "Cancel" }).press("Enter");
    await expect(drawer).toBeHidden();
    await checkReflow(page);
    await page.getByRole("link", { name: "Month close" }).press("Enter");
    await expect(page.getByText("A closed month is never opened again")).toBeVisible();
    await expect(page.getByRole("button", { name: /open/i })).toHaveCount(0);
    await checkScreen(page);
    await page.goto("/app/finance/model?tab=controls");
    const index = page.getByRole("region", { name: "Search index of the trail" });
    await index.getByRole("button", { name: "Try: Two years, older from the archive" }).press("Enter");
    await expect(page.getByText(/A small clinic, a month: -\$\d+\.\d\d\./)).toBeAttached();
    await checkScreen(page);
  });

  await test.step("takes the report along: one total in each format, and on the screen", async () => {
    await page.goto(`/app/finance/exports?month=${month}`);
    const row = page.getByRole("row", { name: /^Month report/ });
    await expect(row).toContainText(shown);
    const save = async (name: string): Promise<Uint8Array> => {
      const saving = page.waitForEvent("download");
      await row.getByRole("link", { name: `${name}: Month report`, exact: true }).press("Enter");
      return bytesOf(await saving);
    };
    const focus = csvTotal(await save("CSV for machines"), "EffectiveCost");
    expect(cents(focus)).toBe(shown);
    expect(csvTotal(await save("CSV for a spreadsheet"), "Effective cost")).toBe(focus);
    expect(await xlsxTotal(await save("Excel"), "Effective cost")).toBe(focus);
    expect(parquetTotal(await save("Parquet"), "EffectiveCost")).toBe(focus);
    expect(await pdfText(await save("PDF"))).toContain(`Effective cost, exact: ${focus}`);
    const provider = page.getByRole("row", { name: /^Provider cost, FOCUS 1\.4/ });
    const saving = page.waitForEvent("download");
    await provider.getByRole("link", { name: /^CSV for machines/ }).press("Enter");
    expect(csvTotal(await bytesOf(await saving), "EffectiveCost")).toBe(focus);
    await checkA11y(page);
    await checkReflow(page);
  });

  await test.step("sets a budget: what cannot be taken names its field, keeps what was typed, and then it stands with its alerts", async () => {
    await page.goto(`/app/finance/budgets?month=${month}`);
    await page.getByRole("button", { name: "Set a budget" }).press("Enter");
    const drawer = page.getByRole("dialog", { name: "Set a budget" });
    const amount = drawer.getByRole("textbox", { name: /^Amount a month/ });
    await chooseClinic(drawer, "Budget of", "All clinics together");
    await amount.fill("1,500");
    await drawer.getByRole("textbox", { name: /^Reason/ }).fill("Board decision");
    await drawer.getByRole("button", { name: "Save this budget" }).press("Enter");
    await expect(drawer.getByRole("alert")).toContainText("Amount a month, in USD: enter more than nothing");
    await expect(amount).toHaveValue("1,500");
    await amount.fill("300");
    await expect(drawer.getByText("Alerts are given at $150.00, $240.00 and $300.00")).toBeVisible();
    await drawer.getByRole("button", { name: "Save this budget" }).press("Enter");
    await showPasskey(page, device);
    await expect(drawer).toBeHidden();
    await expect(page.getByRole("row", { name: /^All clinics together/ })).toContainText("$300.00");
    await checkScreen(page);
  });

  await test.step("enters support minutes, which count for the clinic at once, and puts it on a plan", async () => {
    await page.goto(`/app/finance/entries?month=${month}`);
    await page.getByRole("button", { name: "Enter a cost" }).press("Enter");
    const drawer = page.getByRole("dialog", { name: "Enter an internal cost" });
    await chooseClinic(drawer, "Clinic", "Old Mill Radiology");
    await drawer.getByRole("textbox", { name: /^Day/ }).fill("t-2");
    await drawer.getByRole("textbox", { name: /^Quantity/ }).fill("45");
    await drawer.getByRole("textbox", { name: /^Price of one/ }).fill("0.75");
    await drawer.getByRole("textbox", { name: /^What for/ }).fill("Import of old appointments");
    await drawer.getByRole("textbox", { name: /^Reason/ }).fill("Time sheet");
    await expect(drawer.getByText("This comes to $33.75.")).toBeVisible();
    await drawer.getByRole("button", { name: "Enter this cost" }).press("Enter");
    await showPasskey(page, device);
    await expect(drawer).toBeHidden();
    await expect(page.getByRole("row", { name: /Import of old appointments/ })).toContainText("45 minutes");
    await checkScreen(page);
    await page.getByRole("tab", { name: "Plans" }).press("Enter");
    await page.getByRole("button", { name: "Change plan: Old Mill Radiology" }).press("Enter");
    const change = page.getByRole("dialog", { name: "Change plan: Old Mill Radiology" });
    await change.getByRole("combobox", { name: /^From month/ }).selectOption(month);
    await change.getByRole("textbox", { name: /^Reason/ }).fill("Contract");
    await change.getByRole("button", { name: "Put on this plan" }).press("Enter");
    await showPasskey(page, device);
    await expect(change).toBeHidden();
    await expect(page.getByRole("row", { name: /^Old Mill Radiology/ })).toContainText("Pay per use, version 1");
    await page.goto(`/app/finance/tenants/${lossMaker.tenantId}?month=${month}&layer=support`);
    await expect(page.getByRole("table", { name: "Support by service" }).getByRole("row").nth(1)).toContainText(
      "$33.750000",
    );
  });
});
