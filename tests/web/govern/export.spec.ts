import { functionName } from "../../../core/iam/index.ts";
import { SITE } from "../../security/world.ts";
import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { stepUp } from "./people.ts";

test("UIX-7 all records of a tenant leave by two people, in plain words, and only who asked fetches them @long", async ({
  portal,
  open,
}) => {
  const name = "Harbor Street Clinic";
  const clinic = await portal.clinic(name);
  await clinic.patient();
  const dana = await clinic.hire(["clinic-administrator"], { displayName: "Dana Whitfield" });
  const luis = await clinic.hire(["clinic-administrator"], { displayName: "Luis Ortega" });
  const page = await open(dana, "/app/exports");
  const dialog = page.getByRole("dialog", { name: "Ask for an export" });

  await test.step("the first person says what she means, and types the clinic's name", async () => {
    await expect(page.getByText("No export is under way")).toBeVisible();
    await page.getByRole("button", { name: "Ask for an export" }).press("Enter");
    await dialog.getByRole("radio", { name: `All records of all patients of ${name}` }).check();
    await expect(dialog.getByText("You ask to take every record of every patient out of the clinic")).toBeVisible();
    await dialog.getByLabel("Reason", { exact: false }).selectOption("migration");
    await dialog.getByLabel("In your own words").fill("The clinic moves to another system");
    await dialog.getByLabel(/^Type Harbor/).fill("Harbor");
    await dialog.getByRole("button", { name: "Ask for this export" }).click();
    await expect(dialog.getByText(`Type exactly: ${name}`).first()).toBeVisible();
    await checkA11y(page);
    await dialog.getByLabel(/^Type Harbor/).fill(name);
    await dialog.getByRole("button", { name: "Ask for this export" }).click();
    await stepUp(portal, page, dana);
    await expect(page.getByText("Waits for approval")).toBeVisible();
    await expect(page.getByText("You asked: somebody else approves it")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
  });

  await test.step("the second person sees it among what waits, and approves exactly that", async () => {
    const second = await open(luis, "/app/privacy?tab=approvals");
    await expect(second.getByRole("row", { name: /Export/ })).toContainText("Dana Whitfield");
    await checkA11y(second);
    await second.getByRole("link", { name: "Look at it" }).press("Enter");
    await second.getByRole("button", { name: "Approve the export of Dana Whitfield" }).press("Enter");
    const confirm = second.getByRole("dialog", { name: "Approve this export?" });
    await expect(confirm).toContainText("Dana Whitfield takes out: All records of all patients");
    const approve = confirm.getByRole("button", { name: "Approve this export" });
    await expect(approve).toBeDisabled();
    await confirm.getByLabel(/^Type Harbor/).fill(name);
    await approve.press("Enter");
    await stepUp(portal, second, luis);
    await expect(second.getByText("Approved, begins within a minute")).toBeVisible();
  });

  await test.step("it is worked off, and who asked fetches the files", async () => {
    const { stack } = portal.stage;
    for (let run = 0; run < 3; run += 1) await stack.lambda.invoke(functionName(SITE, "export"), {});
    await page.reload();
    await expect(page.getByText("Finished", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Show files" }).press("Enter");
    await expect(page.getByRole("row", { name: /Patient/ }).first()).toBeVisible();
    await checkA11y(page);
    await checkReflow(page);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: /^Fetch .*Patient/ }).click();
    expect((await download).suggestedFilename()).toMatch(/^[\d-]+-[\d-]*\d+\.Patient\.ndjson$|\.Patient\.ndjson$/);
  });

  await test.step("the other may stop it and never fetch it", async () => {
    const second = await open(luis, "/app/exports");
    await second.getByRole("button", { name: "Show files" }).click();
    await expect(second.getByText("Only who asked can fetch the files.")).toBeVisible();
    await expect(second.getByRole("link", { name: /^Fetch/ })).toHaveCount(0);
    await second.getByRole("button", { name: /^Stop and destroy: the export of Dana/ }).click();
    await second.getByRole("dialog").getByRole("button", { name: "Stop and destroy" }).click();
    await expect(second.getByText("Cancelled")).toBeVisible();
  });
});
