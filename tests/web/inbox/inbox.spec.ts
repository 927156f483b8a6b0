import type { Page } from "@playwright/test";
import { tabTo } from "../note/writing.ts";
import { checkA11y, checkReflow, expect, type Portal, test } from "../portal.ts";

/** CLIN-6 and CLIN-9: what a patient writes, from the nurses' pool to the physician's answer, and a result signed off. */

async function must(portal: Portal, who: Parameters<Portal["as"]>[0], path: string, body: object): Promise<string> {
  const purpose = path.startsWith("/fhir") ? { purpose: "TREAT" } : {};
  const answer = await portal.as(who).send("POST", path, { body, ...purpose });
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return String(answer.body["id"] ?? answer.body["thread"]);
}

async function report(portal: Portal, patient: string): Promise<void> {
  const subject = { reference: `Patient/${patient}` };
  const value = await must(portal, "physician", "/fhir/Observation", {
    resourceType: "Observation",
    status: "final",
    subject,
    code: { text: "Potassium" },
    valueQuantity: { value: 6.9, unit: "mmol/L" },
    referenceRange: [{ low: { value: 3.5 }, high: { value: 5.1 } }],
    interpretation: [{ coding: [{ code: "HH" }] }],
  });
  await must(portal, "physician", "/fhir/DiagnosticReport", {
    resourceType: "DiagnosticReport",
    status: "final",
    subject,
    code: { text: "Basic metabolic panel" },
    issued: new Date().toISOString(),
    result: [{ reference: `Observation/${value}` }],
  });
}

const dialog = (page: Page, name: string) => page.getByRole("dialog", { name });
const waiting = (page: Page) => page.getByRole("list", { name: "What waits" });
const openItem = (page: Page) => page.getByRole("region", { name: "Open item" });

test("CLIN-9 CLIN-6 nurse hands a patient's message to the physician, who answers it and signs a result: by keyboard alone", async ({
  portal,
  open,
}) => {
  const ada = await portal.hire(["physician"], { displayName: "Dr. Ada Byron" });
  const patient = await portal.patient();
  const herself = await portal.hire(["patient"], { patientId: patient.id });
  const words = `${patient.canary} feels dizzy since Tuesday`;
  const thread = await must(portal, herself, "/patient/threads", { topic: "health", text: words });

  // The nurse finds it in the pool, and hands it over with a word.
  const left = await open("nurse", "/app/inbox");
  const line = waiting(left).getByRole("button", { name: new RegExp(patient.family) });
  await expect(line).toContainText("1 new");
  await checkA11y(left);
  await tabTo(left, line);
  await left.keyboard.press("Enter");
  await expect(openItem(left).getByText(words)).toBeVisible();
  await left.keyboard.press("a");
  await expect(dialog(left, "Hand over").getByRole("combobox", { name: /^To/ })).toContainText("Dr. Ada Byron");
  await tabTo(left, dialog(left, "Hand over").getByRole("combobox", { name: /^To/ }));
  await left.keyboard.type("Dr. Ada");
  await tabTo(left, dialog(left, "Hand over").getByRole("textbox", { name: "Comment" }));
  await left.keyboard.type("BP 98 over 60 lying");
  await checkA11y(left);
  await tabTo(left, dialog(left, "Hand over").getByRole("button", { name: "Hand over" }));
  await left.keyboard.press("Enter");
  await expect(left.getByText("Handed over")).toBeVisible();
  await expect(line).toHaveCount(0);

  // The physician answers. What she has begun to write outlives a look elsewhere.
  await report(portal, patient.id);
  const right = await open(ada, "/app/inbox");
  await expect(right.getByRole("link", { name: /Inbox.*waiting/ })).toBeVisible();
  const mine = waiting(right).getByRole("button", { name: new RegExp(`${patient.family}.*Health question`) });
  const result = waiting(right).getByRole("button", { name: new RegExp(`${patient.family}.*Critically high`) });
  await tabTo(right, mine);
  await right.keyboard.press("Enter");
  await expect(openItem(right).getByText("BP 98 over 60 lying")).toBeVisible();
  await right.keyboard.press("r");
  const answer = right.getByRole("textbox", { name: "Your message" });
  await expect(answer).toBeFocused();
  await right.keyboard.type("Please come in today.");
  await result.click();
  await mine.click();
  await expect(answer).toHaveValue("Please come in today.");
  await tabTo(right, right.getByRole("checkbox", { name: "Nothing more to do here" }));
  await right.keyboard.press("Space");
  await tabTo(right, openItem(right).getByRole("button", { name: "Send" }));
  await checkA11y(right);
  await right.keyboard.press("Enter");
  await expect(mine).toHaveCount(0);
  const told = await portal.as(herself).send("GET", `/patient/threads/${thread}`);
  expect(told.text).toContain("Please come in today.");

  // The result: its flag in words, the signature with its comment, and off the list.
  await tabTo(right, result);
  await right.keyboard.press("Enter");
  await expect(openItem(right).getByRole("cell", { name: "6.9 mmol/L" })).toBeVisible();
  await right.keyboard.press("e");
  const signing = dialog(right, "Sign this result off");
  await tabTo(right, signing.getByRole("textbox", { name: /^Comment/ }));
  await right.keyboard.type("Repeat today");
  await checkA11y(right);
  await tabTo(right, signing.getByRole("button", { name: "Sign off" }));
  await right.keyboard.press("Enter");
  await expect(openItem(right).getByText(/^Signed off by you/)).toBeVisible();
  await expect(openItem(right).getByText("Repeat today")).toBeVisible();
  await expect(result).toHaveCount(0);
  await checkA11y(right);
  await checkReflow(right);
});

test("CLIN-9 UIX-4 the front desk works on what is administrative, and is told what is kept from it", async ({
  portal,
  open,
}) => {
  const patient = await portal.patient();
  const words = `${patient.canary} about a rash`;
  const clinical = { patient: patient.id, topic: words, category: "clinical", text: words, to: { pool: "nurse" } };
  await must(portal, "nurse", "/clinic/messages", clinical);
  const page = await open("front-desk", `/app/patients/${patient.id}?tab=messages`);
  await expect(page.getByText(/Kept from your role: Clinical, Prescription, Results, Billing/)).toBeVisible();
  await expect(page.getByText("No messages")).toBeVisible();
  await page.getByRole("button", { name: "New task" }).click();
  const giving = dialog(page, "New task");
  await tabTo(page, giving.getByRole("textbox", { name: /^What is to be done/ }));
  await page.keyboard.type("Copy of the insurance card");
  await tabTo(page, giving.getByRole("combobox", { name: /^To/ }));
  await page.keyboard.type("Front");
  await tabTo(page, giving.getByRole("textbox", { name: /^Due on/ }));
  await page.keyboard.type("t");
  await tabTo(page, giving.getByRole("button", { name: "New task" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Tasks" }).getByText("Copy of the insurance card")).toBeVisible();
  await checkA11y(page);
  await page.goto(`${portal.origin}/app/inbox`);
  const task = waiting(page).getByRole("button", { name: /Copy of the insurance card/ });
  await task.click();
  await expect(openItem(page).getByRole("button", { name: "Done" })).toBeVisible();
  await page.keyboard.press("e");
  await expect(page.getByText("Done and off the list")).toBeVisible();
  await expect(task).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(task).toBeVisible();
  await checkReflow(page);
});
