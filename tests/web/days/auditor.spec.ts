import { readFileSync } from "node:fs";
import { functionName } from "../../../core/iam/index.ts";
import { SITE } from "../../security/world.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";

test("AUD-4 AUD-6 UIX-6 CLIN-18 an auditor's day: who saw which record, why, and whether the trail holds, by keyboard", async ({
  portal,
  open,
}) => {
  const clinic = await portal.clinic("Maple Street Clinic");
  const [seen, other] = [await clinic.patient(), await clinic.patient()];
  const nurse = await clinic.hire(["nurse"], { displayName: "Amara Obi" });
  await clinic.as(nurse).send("GET", `/fhir/Patient/${seen.id}`, { purpose: "TREAT" });
  await clinic.as("physician").send("GET", `/fhir/Patient/${other.id}`, { purpose: "TREAT" });
  await clinic.as("billing").send("GET", `/fhir/Patient/${seen.id}/$everything`, { purpose: "HPAYMT" });
  const { stack } = portal.stage;
  await stack.drain();
  await stack.lambda.invoke(functionName(SITE, "seal"), {});
  await stack.lambda.invoke(functionName(SITE, "witness"), {});
  const auditor = await clinic.person("auditor");
  const page = await open(auditor, "/app/audit");
  const events = page.getByRole("table", { name: "Events" });

  await test.step("finds everybody who looked at one record, by the number that a complaint names", async () => {
    await expect(events).toBeVisible();
    await page.getByRole("textbox", { name: /^Record number/ }).focus();
    await page.keyboard.type("no-such-number");
    await page.keyboard.press("Enter");
    await expect(page.getByText("No chart carries this number")).toBeVisible();
    await page.getByRole("textbox", { name: /^Record number/ }).focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(seen.mrn);
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Chart ID")).toHaveValue(seen.id);
    await expect(events.getByRole("row", { name: /Signed in/ })).toHaveCount(0);
    await expect(events.getByRole("row", { name: /Amara Obi/ })).toContainText("Read: Patient");
    await expect(page.locator("body")).not.toContainText(seen.canary);
    expect(page.url()).toContain(seen.id);
    await checkA11y(page);
  });

  await test.step("narrows it to what was refused, and reads why", async () => {
    await page.getByLabel("Outcome").selectOption("denied");
    await page.getByRole("button", { name: "Search", exact: true }).press("Enter");
    await expect(events.getByRole("row")).toHaveCount(2);
    await events.getByRole("button", { name: /^Details/ }).press("Enter");
    const detail = page.getByRole("dialog", { name: "One event" });
    await expect(detail).toContainText("Policy refused it.");
    await expect(detail).toContainText("Receipt");
    await expect(detail).toContainText("v1/events/t/");
    await checkA11y(page);
    await page.keyboard.press("Escape");
    await expect(detail).toBeHidden();
  });

  await test.step("a number that is none is told before it is sent", async () => {
    await page.getByLabel("Chart ID").fill("Ana García");
    await page.keyboard.press("Enter");
    await expect(page.getByText("letters, digits, dots and hyphens").first()).toBeVisible();
    expect(page.url()).not.toContain("Garc");
    await page.getByRole("button", { name: "Clear filters" }).click();
  });

  await test.step("sees that the trail holds, and that nothing was disclosed", async () => {
    await page.getByRole("tab", { name: "State of the trail" }).click();
    await expect(page.getByText("The trail holds together")).toBeVisible();
    await expect(page.getByRole("row", { name: /Countersigned by the witness/ })).toContainText("Holds");
    await checkA11y(page);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save the checkpoints" }).press("Enter");
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("audit-checkpoint.json");
    const proof = JSON.parse(readFileSync(await saved.path(), "utf8")) as Readonly<Record<string, string>>;
    // Both notes with their signatures, and the keys to check them by: enough for the verifier, and no event of it.
    expect(Object.keys(proof)).toEqual(expect.arrayContaining(["checkpoint", "witnessed", "logKey", "witnessKey"]));
    expect(JSON.stringify(proof)).not.toContain(seen.id);
    await page.getByRole("tab", { name: "Disclosures" }).click();
    await page.getByLabel("Chart ID").fill(seen.id);
    await page.getByRole("button", { name: "Show", exact: true }).press("Enter");
    await expect(page.getByText("Nothing was disclosed")).toBeVisible();
    await page.getByRole("tab", { name: "Alerts" }).click();
    await expect(page.getByText("Nothing out of the ordinary")).toBeVisible();
    await checkReflow(page);
  });

  await test.step("a clinician has none of it", async () => {
    const doctor = await open(await clinic.person("physician"), "/app/audit");
    await expect(doctor.getByRole("table")).toHaveCount(0);
    await expect(doctor.getByRole("link", { name: "Oversight" })).toHaveCount(0);
  });

  await test.step("en español, a 320 px, en oscuro", async () => {
    const small = await open(auditor, "/app/audit", {
      locale: "es-US",
      colorScheme: "dark",
      viewport: { width: 320, height: 700 },
    });
    await expect(small.getByRole("heading", { name: "Supervisión" })).toBeVisible();
    await expect(small.getByRole("table", { name: "Eventos" })).toBeVisible();
    await checkA11y(small);
    await checkReflow(small);
  });
});
