import { openPractice } from "../board/clinic-day.ts";
import { goTo, MINUTE, rowOf } from "../board/rows.ts";
import { button, field, tabTo, typeAtOnce } from "../note/writing.ts";
import { checkA11y, expect, test } from "../portal.ts";

test("CLIN-2 CLIN-3 CLIN-18 a physician's day by keyboard alone: starts the visit, writes, signs, locks, and adds what came later", async ({
  portal,
  open,
}) => {
  const practice = await openPractice(portal, "Physician Street Clinic");
  const { clinic } = practice;
  const ada = await clinic.hire(["physician"], { displayName: "Dr. Ada Byron" });
  const patient = await clinic.patient();
  const slot = await practice.booked(patient.id, portal.stage.clock.now() - 10 * MINUTE);
  const arrive = { body: { step: "arrive" }, purpose: "HOPERAT", headers: { "if-match": 'W/"1"' } };
  expect((await clinic.as("front-desk").send("POST", `/clinic/appointments/${slot}/step`, arrive)).status).toBe(200);
  const page = await open(ada, "/app/board");

  // One key begins the visit: on the board and in the chart it is the same one.
  await goTo(page, patient.family);
  await page.keyboard.press("s");
  await expect(rowOf(page, patient.family)).toContainText("In visit");
  await page.goto(`${portal.origin}/app/patients/${patient.id}?tab=notes`);
  await expect(page.getByRole("heading", { level: 3, name: /^Visit/ })).toHaveCount(1);
  await tabTo(page, page.getByRole("button", { name: /^Write a note/ }));
  await page.keyboard.press("Enter");
  const begin = page.getByRole("dialog", { name: "Write a note" });
  await tabTo(page, begin.getByRole("radio", { name: "Progress note" }));
  await checkA11y(page);
  await tabTo(page, begin.getByRole("button", { name: "Begin" }));
  await page.keyboard.press("Enter");

  await tabTo(page, field(page, "Reason for visit"));
  await page.keyboard.type("Cough since Monday.");
  await tabTo(page, field(page, "Examination"));
  // Before what stands there, and faster than the page paints: no letter lands elsewhere than the one before it.
  await page.keyboard.type("No rash.");
  await page.keyboard.press("Home");
  await typeAtOnce(page, ".normal Throat red. ");
  await expect(field(page, "Examination")).toHaveValue(/^Alert and oriented.* Throat red\. No rash\.$/);
  await tabTo(page, field(page, "Assessment"));
  await page.keyboard.type("Viral bronchitis.");
  await expect(page.getByText(/^Saved \d/)).toBeVisible();
  await checkA11y(page);

  // What is missing is said, with the way there.
  await page.keyboard.press("Control+Enter");
  const dialog = page.getByRole("dialog", { name: "Sign this note" });
  await expect(dialog.getByText("Signing as Dr. Ada Byron")).toBeVisible();
  await expect(dialog.getByText("Plan is empty.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Sign and lock" })).toBeDisabled();
  await checkA11y(page);
  await tabTo(page, dialog.getByRole("button", { name: "Go there: Plan is empty." }));
  await page.keyboard.press("Enter");
  await expect(field(page, "Plan")).toBeFocused();
  await page.keyboard.type("Rest, fluids, call in three days.");
  await tabTo(page, page.getByRole("checkbox", { name: "I reviewed the allergies with the patient" }));
  await page.keyboard.press("Space");
  await page.keyboard.press("Control+Enter");
  for (const warning of [/No vital signs/, /Nothing is recorded of allergies/]) {
    await tabTo(page, dialog.getByRole("checkbox", { name: warning }));
    await page.keyboard.press("Space");
  }
  await tabTo(page, dialog.getByRole("button", { name: "Sign and lock" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^This note is locked/)).toBeVisible();
  const note = new URL(page.url()).pathname;
  await expect(page.getByText(/Signed by Dr\. Ada Byron, .* and locked/)).toBeVisible();
  await expect(page.getByText("The text is what was signed")).toBeVisible();
  await expect(page.getByRole("textbox")).toHaveCount(0);
  await checkA11y(page);

  // What comes later is a note of its own, and stands with the first.
  await tabTo(page, button(page, "Write an addendum"));
  await page.keyboard.press("Enter");
  await tabTo(page, field(page, "Addendum"));
  await page.keyboard.type("The culture came back negative.");
  await expect(page.getByText(/^Saved \d/)).toBeVisible();
  await page.keyboard.press("Control+Enter");
  await tabTo(page, dialog.getByRole("button", { name: "Sign and lock" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText(/Addendum signed by Dr\. Ada Byron/)).toBeVisible();
  const original = await open(ada, note, { beside: page });
  await expect(original.getByText("Locked, amended", { exact: true })).toBeVisible();
  await expect(original.getByText("The culture came back negative.")).toBeVisible();
});
