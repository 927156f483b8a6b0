import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { stepUp } from "./people.ts";

test("UIX-7 RET-3 an officer and an administrator settle privacy: settings, and a hold that takes two to lift @long", async ({
  portal,
  open,
}) => {
  const clinic = await portal.clinic("Cedar Clinic");
  const dana = await clinic.hire(["clinic-administrator"], { displayName: "Dana Whitfield" });
  const luis = await clinic.hire(["clinic-administrator"], { displayName: "Luis Ortega" });
  const patient = await clinic.patient();
  const page = await open(dana, "/app/privacy");

  await test.step("names a privacy officer, and sees what the watch cannot tell yet", async () => {
    await expect(page.getByText("Nobody is named.")).toBeVisible();
    await checkA11y(page);
    await page.getByRole("button", { name: "Change" }).press("Enter");
    await page.getByLabel("Luis Ortega").check();
    await checkA11y(page);
    await page.getByRole("button", { name: "Save settings" }).press("Enter");
    await stepUp(portal, page, dana);
    await expect(page.getByText("the clinic has chosen no time zone yet")).toBeVisible();
    await expect(page.getByText("Luis Ortega")).toBeVisible();
    await checkReflow(page);
  });

  await test.step("places a hold, asks for its release, and cannot release it alone", async () => {
    await page.getByRole("tab", { name: "Legal holds" }).press("Enter");
    await page.getByRole("button", { name: "Place a hold" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Place a legal hold" });
    await dialog.getByLabel("Chart ID").fill(patient.id);
    await dialog.getByLabel("Reason", { exact: false }).selectOption("litigation");
    await dialog.getByLabel("The matter, in your own words").fill("Case 2026/117, county court");
    await checkA11y(page);
    await dialog.getByRole("button", { name: "Place a hold" }).press("Enter");
    await stepUp(portal, page, dana);
    await expect(page.getByRole("row", { name: /Litigation/ })).toContainText("Case 2026/117");
    await page.getByRole("button", { name: /^Ask to release the hold/ }).press("Enter");
    const release = page.getByRole("dialog", { name: "Ask to release this hold?" });
    await release.getByLabel("Reason", { exact: false }).selectOption("matter-closed");
    await release.getByLabel("The matter, in your own words").fill("The court closed the case");
    await release.getByRole("button", { name: "Ask to release" }).press("Enter");
    await stepUp(portal, page, dana);
    await expect(release).toBeHidden();
    await page.getByRole("tab", { name: "Approvals" }).press("Enter");
    await expect(page.getByText("You asked: somebody else decides")).toBeVisible();
  });

  await test.step("the second person approves, and the hold is gone", async () => {
    const second = await open(luis, "/app/privacy?tab=approvals");
    await second.getByRole("button", { name: /^Approve the release/ }).press("Enter");
    const dialog = second.getByRole("dialog", { name: "Approve the release of this hold?" });
    await expect(dialog).toContainText("Dana Whitfield asked for it");
    await dialog.getByLabel("Reason", { exact: false }).selectOption("matter-closed");
    await dialog.getByLabel("The matter, in your own words").fill("The court closed the case");
    await dialog.getByRole("button", { name: "Approve the release" }).press("Enter");
    await stepUp(portal, second, luis);
    await expect(second.getByText("Nothing waits")).toBeVisible();
    await second.getByRole("tab", { name: "Legal holds" }).click();
    await expect(second.getByText("No chart is under a hold")).toBeVisible();
  });
});
