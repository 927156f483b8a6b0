import { functionName } from "../../../core/iam/index.ts";
import { SITE } from "../../security/world.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";

test("AUD-6 UIX-6 an auditor's day: who saw which record, why, and whether the trail holds, by keyboard", async ({
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

  await test.step("finds everybody who looked at one record, without a name of the patient anywhere", async () => {
    await expect(events).toBeVisible();
    await page.getByLabel("Chart ID").focus();
    await page.keyboard.type(seen.id);
    await page.keyboard.press("Enter");
    await expect(events.getByRole("row")).toHaveCount(4);
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
