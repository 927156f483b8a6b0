import { beginNote } from "../note/writing.ts";
import { checkScreen, expect, test } from "../portal.ts";

/** What `screens.spec.ts` would miss: each as who works there finds it. */
test("CLIN-18 screens that no day comes by: nothing for axe, and nothing to scroll sideways at 320 px", async ({
  portal,
  open,
}) => {
  const ada = await portal.person("physician");
  const { patient } = await beginNote(portal, ada);
  await portal.stage.stack.drain();
  const screens = [
    [
      ada,
      ["/app/unsigned", /telephone/i],
      [`/app/patients/${patient.id}/visits`, /telephone/i],
      [`/app/patients/${patient.id}/merge`, "Which chart is the duplicate?"],
    ],
    [
      await portal.person("clinic-administrator"),
      ["/app/settings/note-templates", "Save templates and snippets"],
      ["/app/privacy", "Privacy officers"],
      ["/app/exports", "No export is under way"],
    ],
  ] as const;
  for (const [who, ...shown] of screens) {
    const page = await open(who, "/app/account");
    for (const [address, words] of shown) {
      await page.goto(address);
      await expect(page.getByRole("main").getByText(words).first()).toBeVisible();
      await checkScreen(page);
    }
  }
});
