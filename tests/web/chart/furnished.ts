import type { Locator, Page } from "@playwright/test";
import type { Clinic } from "../portal.ts";

export const cardOf = (page: Page, name: string): Locator =>
  page.getByRole("region").filter({ has: page.getByRole("heading", { name, exact: true, level: 3 }) });
export const banner = (page: Page): Locator => page.getByRole("region", { name: "Whose chart this is" });

/** What a nurse and a physician wrote before: words that are found nowhere but on a screen that may show them. */
export async function furnish({ as }: Pick<Clinic, "as">, patient: string, word: string): Promise<void> {
  const post = async (path: string, body: unknown): Promise<void> => {
    const answer = await as("physician").send("POST", `/clinic/patients/${patient}/${path}`, {
      body,
      purpose: "TREAT",
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  };
  await post("lists/problems", { problem: { text: `${word} hypertension` }, onset: "2019-05" });
  await post("lists/medications", { kind: "prescribed", medication: { text: "Lisinopril" }, dosage: "10 mg daily" });
  await post("lists/medications", { kind: "reported", medication: { text: `${word} tea` }, dosage: "1 cup" });
  const column = (day: string, systolic: string, kg: string) =>
    post("vitals", {
      at: { day, time: "09:30" },
      entries: [
        { measure: "blood-pressure", systolic, diastolic: "82" },
        { measure: "height", value: "70", unit: "[in_i]" },
        { measure: "weight", value: kg, unit: "kg" },
      ],
    });
  await column("2026-03-02", "148", "81");
  await column("2026-05-20", "128", "80");
}
