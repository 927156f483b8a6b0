import type { Frame, Page } from "@playwright/test";
import { pdf, png } from "../../core/document/files.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";

interface Chosen {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const pdfFile = (name: string, text: string, catalog = ""): Chosen => ({
  name,
  mimeType: "application/pdf",
  buffer: pdf(text, catalog),
});

/** Fills the form that is open and sends it. */
async function add(page: Page, file: Chosen, title?: string, type?: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[type=file]").setInputFiles(file);
  if (title !== undefined) await dialog.getByRole("textbox", { name: "Title" }).fill(title);
  if (type !== undefined) await dialog.getByRole("combobox", { name: "Type" }).selectOption({ label: type });
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
}

const cardOf = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });

/** The frame of the preview that is open. */
async function frameOf(page: Page): Promise<Frame> {
  const element = page.getByTitle("Content of the document");
  await expect(element).toBeVisible();
  await expect(element).toHaveAttribute("sandbox", "allow-scripts allow-downloads");
  const frame = await (await element.elementHandle())?.contentFrame();
  if (!frame) throw new Error("the preview has a frame");
  return frame;
}

test("CLIN-8 AT-44 a letter is added, looked at where it can do nothing, and gets a new version", async ({
  portal,
  open,
}) => {
  const patient = await portal.patient();
  const page = await open("physician", `/app/patients/${patient.id}?tab=documents`);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).host}`));
  page.on("dialog", () => asked.push("a dialog"));
  await expect(page.getByText("No documents yet")).toBeVisible();
  await checkA11y(page);

  await test.step("a file that is not what it says is refused, and its field is named", async () => {
    await page.getByRole("button", { name: "Add document" }).click();
    const html = Buffer.from("<!doctype html><script>alert(1)</script>");
    await add(page, { name: `${patient.canary}.pdf`, mimeType: "application/pdf", buffer: html }, "Letter", "Letter");
    const dialog = page.getByRole("dialog");
    await expect(dialog.locator("input[type=file]")).toHaveAttribute("aria-invalid", "true");
    await expect(dialog.getByText("The file is not what its name says.").first()).toBeVisible();
    await checkA11y(page);
  });

  await test.step("the right one is sent, checked and listed", async () => {
    const script = "/OpenAction << /S /JavaScript /JS (app.alert\\(document.cookie\\)) >>";
    await add(
      page,
      pdfFile(`${patient.canary}.pdf.exe.pdf`, `Dear colleague ${patient.canary}`, script),
      "Referral",
      "Referral",
    );
    await expect(page.getByText("The document was added", { exact: true })).toBeVisible();
    const card = cardOf(page, "Referral");
    await expect(card.getByText("Checked", { exact: true })).toBeVisible();
    await expect(card.getByText("It contains commands of its own.")).toBeVisible();
    await expect(card.getByRole("button", { name: "Save file" })).toHaveCount(0);
    await checkA11y(page);
    await checkReflow(page);
  });

  await test.step("it is shown in a frame of no origin, and its script does nothing", async () => {
    asked.length = 0;
    await cardOf(page, "Referral").getByRole("button", { name: "Open", exact: true }).click();
    const frame = await frameOf(page);
    await expect(frame.getByRole("img", { name: "Page 1 of 1" })).toBeVisible();
    await expect(frame.locator(".words")).toContainText(patient.canary);
    expect(new URL(frame.url()).origin).toBe(portal.stage.stack.documentsOrigin);
    expect(frame.url()).not.toContain("?");
    const reach = await frame.evaluate(() => {
      const tried = (look: () => unknown): string => {
        try {
          return String(look());
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        globalThis.origin,
        tried(() => document.cookie),
        tried(() => localStorage.length),
        tried(() => parent.document.body),
        tried(() => (top as Window).location.href),
      ];
    });
    expect(reach).toEqual(["null", "SecurityError", "SecurityError", "SecurityError", "SecurityError"]);
    const hosts = [portal.origin, portal.stage.stack.documentsOrigin].map((origin) => new URL(origin).host);
    expect(asked.filter((line) => !hosts.some((host) => line.endsWith(` ${host}`)))).toEqual([]);
    await checkA11y(page);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  });

  await test.step("a new version takes its place, the earlier one stays readable", async () => {
    await page.getByRole("button", { name: "More for Referral" }).click();
    await page.getByRole("menuitem", { name: "Add new version" }).click();
    const markup = `${"A long letter. ".repeat(90)}<script>fetch('/session')</script><img src=x onerror=alert(1)>`;
    await add(page, { name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from(markup) });
    const card = cardOf(page, "Referral");
    await expect(card.getByText("Version 2")).toBeVisible();
    await card.getByRole("button", { name: "Open", exact: true }).click();
    const frame = await frameOf(page);
    await expect(frame.locator("pre")).toContainText("<script>fetch('/session')</script>");
    await page.keyboard.press("Escape");
    const saved = page.waitForEvent("download");
    await card.getByRole("button", { name: "Save file" }).click();
    expect((await saved).suggestedFilename()).toBe("letter.txt");
    await page.getByRole("button", { name: "More for Referral" }).click();
    await page.getByRole("menuitem", { name: "Versions" }).click();
    await expect(page.getByRole("dialog").getByText("Version 1")).toBeVisible();
    await checkA11y(page);
    await page.keyboard.press("Escape");
  });
});

test("CLIN-8 what is harmful is under quarantine, a broken line goes on, and what was filed in error is closed", async ({
  portal,
  open,
}) => {
  const patient = await portal.patient();
  const page = await open("nurse", `/app/patients/${patient.id}?tab=documents`);
  await page.getByRole("button", { name: "Add document" }).click();
  await page.route("**/parts/0", (route) => route.abort("connectionreset"));
  await add(page, { name: "card.png", mimeType: "image/png", buffer: png() }, "Insurance card", "Insurance card");
  await expect(page.getByText("It was not sent to the end.")).toBeVisible();
  await page.unroute("**/parts/0");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(cardOf(page, "Insurance card").getByText("Checked", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Add document" }).click();
  await add(page, pdfFile("attachments.pdf", "x", "/Names << /EmbeddedFiles 9 0 R >>"), "Report", "Laboratory report");
  const report = cardOf(page, "Report");
  await expect(report.getByText("Under quarantine", { exact: true })).toBeVisible();
  await expect(report.getByRole("button", { name: "Open", exact: true })).toHaveCount(0);

  await page.getByRole("combobox", { name: "Show" }).selectOption({ label: "Laboratory report" });
  await expect(cardOf(page, "Insurance card")).toHaveCount(0);
  await page.getByRole("button", { name: "More for Report" }).click();
  await page.getByRole("menuitem", { name: "Mark as filed in error" }).click();
  await page
    .getByRole("dialog")
    .getByRole("combobox", { name: "Reason" })
    .selectOption({ label: "It belongs to another patient" });
  await page.getByRole("dialog").getByRole("button", { name: "Mark as filed in error" }).click();
  await expect(report.getByText("Filed in error", { exact: true })).toBeVisible();
  await checkA11y(page);
});
