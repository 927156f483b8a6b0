import { checkA11y, checkReflow, expect, test } from "../portal.ts";
import { banner, cardOf, furnish } from "./furnished.ts";

test("UIX-3 UIX-4 what is withheld, away or old is said so, and no byte of it comes", async ({ portal, open }) => {
  const patient = await portal.patient();
  await furnish(portal, patient.id, patient.canary);

  await test.step("the desk sees who it is, and of the chart that it is restricted", async () => {
    const page = await open("front-desk", "/app/");
    const bodies: string[] = [];
    page.on("response", async (response) => {
      if (response.url().includes("/clinic/patients/")) bodies.push(await response.text().catch(() => ""));
    });
    await page.goto(`${portal.origin}/app/patients/${patient.id}`);
    await expect(banner(page)).toContainText(patient.family);
    await expect(banner(page)).toContainText("Restricted");
    await expect(cardOf(page, "Medications")).toContainText("Your role does not need this for its work.");
    await page.getByRole("tab", { name: "Timeline" }).click();
    await expect(page.getByText(/Problems.*: restricted/)).toBeVisible();
    await page.getByRole("tab", { name: "Vitals" }).click();
    await expect(page.getByRole("tabpanel")).toContainText("Restricted");
    expect(bodies.length).toBeGreaterThan(2);
    for (const word of ["hypertension", "Lisinopril", `${patient.canary} tea`, "148"])
      expect(bodies.filter((body) => body.includes(word))).toEqual([]);
    await checkA11y(page);
  });

  await test.step("a class that is away is no empty list, and comes back", async () => {
    const page = await open("nurse", "/app/");
    const address = "**/clinic/patients/*/lists";
    const away = { state: "unavailable", reason: "not-read" };
    await page.route(address, async (route) => {
      const answer = await route.fetch();
      const lists = (await answer.json()) as { medications: object; allergies: object };
      const json = {
        ...lists,
        medications: { ...lists.medications, items: away },
        allergies: { ...lists.allergies, items: { state: "stale", value: [], asOf: "2026-05-20T10:00:00.000Z" } },
      };
      await route.fulfill({ response: answer, json });
    });
    await page.goto(`${portal.origin}/app/patients/${patient.id}`);
    const medications = cardOf(page, "Medications");
    await expect(medications).toContainText("Temporarily unavailable");
    await expect(cardOf(page, "Allergies")).toContainText("May be out of date");
    await checkA11y(page);
    await page.unroute(address);
    await medications.getByRole("button", { name: "Try again" }).click();
    await expect(medications).toContainText("Lisinopril");
  });

  await test.step("on a phone, in the dark and in Spanish", async () => {
    const page = await open("nurse", `/app/patients/${patient.id}`, {
      viewport: { width: 320, height: 640 },
      colorScheme: "dark",
      locale: "es-US",
    });
    await expect(page.getByRole("heading", { name: "Medicamentos" })).toBeVisible();
    await checkReflow(page);
    await checkA11y(page);
    await page.goto(`${portal.origin}/app/patients/${patient.id}?tab=vitals`);
    await expect(page.getByRole("table", { name: "Hoja de signos vitales" })).toBeVisible();
    await checkReflow(page);
    await checkA11y(page);
  });
});
