import { expect, test } from "../portal.ts";

/** What each state says of itself: no colour and no icon is needed to tell one from another. */
const WORDS = {
  en: {
    Value: "Penicillin G",
    "No record": "Not recorded",
    Masked: "Partly hidden",
    "Restricted by role": "Restricted Your role does not need this for its work. Ask the treating clinician.",
    "Restricted by consent":
      "Restricted The patient has not agreed to share this with you. Ask the patient for consent.",
    "Restricted by law": "Restricted The law keeps this apart from the rest of the chart. Ask the privacy officer.",
    Unavailable: "Temporarily unavailable",
    Stale: "120/80 May be out of date Last updated Nov 22, 2026, 8:05 AM",
  },
  es: {
    "No record": "Sin registro",
    Masked: "Oculto en parte",
    "Restricted by consent": "Restringido El paciente no ha aceptado compartir este dato con usted.",
    Unavailable: "No disponible por el momento",
    Stale: "Puede estar desactualizado",
  },
} as const;

/** The words in their order, whatever stands between them on the screen. */
const pattern = (words: string): RegExp =>
  new RegExp(
    words
      .split(/\s+/)
      .map((word) => word.replaceAll(/\W/g, String.raw`\$&`))
      .join("\\s*"),
  );

test.describe("UIX-3 a state is said in words", () => {
  for (const [lang, states] of Object.entries(WORDS)) {
    test(`of each field, in ${lang}`, async ({ show }) => {
      const page = await show("field", { lang: lang as keyof typeof WORDS });
      const story = page.locator('[data-story="field"]');
      for (const [label, words] of Object.entries(states)) {
        const field = story.getByText(label, { exact: true }).locator("..");
        await expect.soft(field).toHaveText(pattern(words));
      }
    });
  }

  test("of each card: loading, empty, unavailable, failed, restricted, stale, withdrawn", async ({ show }) => {
    const page = await show("ask-state");
    const card = (name: string) => page.getByRole("region", { name, exact: true });
    await expect(card("Loading").getByRole("status")).toHaveText("Loading allergies");
    await expect(card("Loaded")).toContainText("Penicillin G");
    await expect(card("Empty")).toContainText("No allergies recorded");
    await expect(card("Empty")).toContainText("Ask, then add one");
    await expect(card("Unavailable").getByRole("alert").or(card("Unavailable").getByRole("status"))).toContainText(
      "Temporarily unavailable",
    );
    await expect(card("Unavailable").getByRole("button", { name: "Try again" })).toBeVisible();
    await expect(card("Failed").getByRole("alert")).toContainText("Request req-0001");
    await expect(card("Restricted")).toContainText("Your role does not permit this.");
    await expect(card("Stale")).toContainText("May be out of date. Last updated 10:42 AM");
    await expect(card("Stale")).toContainText("Penicillin G");
    // What may no longer be read does not stay on the screen.
    await expect(card("Withdrawn")).not.toContainText("Penicillin G");
  });

  test("of a card whose server cannot be reached: what was read stays, with its age", async ({ show }) => {
    const page = await show("offline");
    const card = page.getByRole("region", { name: "Offline", exact: true });
    await expect(card).toContainText("Penicillin G");
    await expect(card).toContainText(/Offline\. Last updated \d/);
  });

  test("is not taken for another: the words of no two field states are the same", async ({ show }) => {
    const page = await show("field");
    const texts = await page.locator('[data-story="field"] > div > div').allInnerTexts();
    const said = texts.map((text) => text.split("\n").slice(1).join(" "));
    expect(said).toHaveLength(8);
    expect(new Set(said).size).toBe(said.length);
  });
});
