import { scaledOf, textOfScaled } from "../../../web/src/i18n/money.ts";
import { printed } from "../harness/paper.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { fillBooks, knownMonth } from "./books.ts";
import { bytesOf, pdfText } from "./file-totals.ts";

const amountOf = (text: string): bigint =>
  scaledOf((/-?\$[\d,.]+/.exec(text)?.[0] ?? "").replaceAll(/[$,]/g, "")) ?? 0n;

test("COST-6 COST-7 a clinic's administrator reads its statement: each line down to what was counted by day, and no other clinic's", async ({
  portal,
  open,
}) => {
  const own = await portal.clinic("Bayview Pediatrics");
  const other = await portal.clinic("Granite Peak Clinic");
  await fillBooks(portal.stage, own, other);
  const month = knownMonth(portal.stage);
  const page = await open(await own.person("clinic-administrator"), `/app/statement?month=${month}`);
  const lines = page.getByRole("table", { name: "Lines" });

  await test.step("the lines add up to the total, and a line to its days", async () => {
    await expect(lines).toBeVisible();
    const rows = await lines.getByRole("row").all();
    const amounts = await Promise.all(
      rows.slice(1).map(async (row) => amountOf(await row.getByRole("cell").nth(3).innerText())),
    );
    expect(textOfScaled(amounts.slice(0, -1).reduce((sum, each) => sum + each, 0n))).toBe(
      textOfScaled(amounts.at(-1) ?? -1n),
    );
    await lines.getByRole("button", { name: "Explain: Encounters" }).press("Enter");
    const explained = page.getByRole("dialog", { name: "How Encounters came about" });
    const days = await explained.getByRole("row").all();
    expect(days.length).toBeGreaterThan(2);
    const sum = /[\d,]+/.exec((await days.at(-1)?.getByRole("cell").last().innerText()) ?? "")?.[0] ?? "";
    await expect(explained.getByText(new RegExp(`^${sum} encounters at \\$0\\.08 per encounter`))).toBeVisible();
    await checkA11y(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("table", { name: /kept apart/ })).toContainText("Yours");
    await checkA11y(page);
    await checkReflow(page);
  });

  await test.step("on paper and as a file it is the same, and names no other clinic", async () => {
    const total = (await lines.getByRole("row").last().innerText()).match(/\$[\d,]+\.\d\d/)?.[0] ?? "";
    const saving = page.waitForEvent("download");
    await page.getByRole("link", { name: /^PDF: statement of/ }).press("Enter");
    const text = await pdfText(await bytesOf(await saving));
    expect(text).toContain("Bayview Pediatrics");
    expect(text).toContain(total.replace("$", ""));
    await expect(page.getByRole("button", { name: "Print", exact: true })).toBeVisible();
    const paper = await printed(page);
    const sheets = paper.pages.join("\n");
    expect(paper.isTagged).toBe(true);
    for (const wanted of [total, "Statement of", "Bayview Pediatrics", "State: ", "Printed "])
      expect(sheets).toContain(wanted);
    for (const [index, sheet] of paper.pages.entries()) {
      expect(sheet).toContain(`${index + 1} / ${paper.pages.length}`);
      expect(sheet).toContain("Statement of");
    }
    for (const each of [text, sheets]) expect(each).not.toContain("Granite Peak");
    await expect(page.getByRole("link", { name: "Costs and margin" })).toHaveCount(0);
    const refused = await page.evaluate(async () => (await fetch("/finance/overview")).status);
    expect([403, 404]).toContain(refused);
  });
});
