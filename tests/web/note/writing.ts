import type { Locator, Page } from "@playwright/test";
import { type ApiCaller, type CanaryPatient, expect, type Person, type Portal } from "../portal.ts";

/** A note that somebody has begun through the API, of a patient of this test alone. */
export interface Begun {
  readonly patient: CanaryPatient;
  readonly visit: string;
  readonly note: string;
  readonly address: `/app/notes/${string}`;
}

async function must(caller: ApiCaller, method: string, path: string, body: object): Promise<string> {
  const answer = await caller.send(method, path, { body });
  if (answer.status !== 201) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return String(answer.body["id"]);
}

export async function beginNote(portal: Portal, by: Person, template = "telephone"): Promise<Begun> {
  const patient = await portal.patient();
  const caller = portal.as(by);
  const visit = await must(caller, "POST", "/clinic/visits", { patient: patient.id });
  const note = await must(caller, "POST", "/clinic/notes", { encounter: visit, template });
  return { patient, visit, note, address: addressOf(note) };
}

/** Where a note is read: an underscore stands for the dot of its id. */
export const addressOf = (note: string): `/app/notes/${string}` => `/app/notes/${note.replaceAll(".", "_")}`;

/** Signs and locks a telephone note through the API. */
export async function lockNote(portal: Portal, by: Person, { note }: Begun, words: string): Promise<void> {
  const caller = portal.as(by);
  const sections = [
    { key: "call", title: "Call", text: words },
    { key: "advice", title: "Advice", text: "Rest and water." },
  ];
  const kept = await caller.send("PUT", `/clinic/notes/${note}`, { body: { version: 1, draft: 0, sections } });
  if (kept.status !== 200) throw new Error(`the draft was refused: ${kept.text}`);
  const signed = await caller.send("POST", `/clinic/notes/${note}/sign`, {
    body: { version: 1, draft: 1, isLocking: true },
  });
  if (signed.status !== 200) throw new Error(`the signature was refused: ${signed.text}`);
}

const TABS_MAX = 60;

/** Goes on with the Tab key until the element has the focus: whoever has no pointer gets there so. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("the keyboard does not reach it");
}

/** How many times slower the page's own work gets than the keys that come at it. */
const SLOWED = 6;

/** Types faster than the page paints: every key is on its way before the first has been answered. */
export async function typeAtOnce(page: Page, text: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
  await Promise.all(Array.from(text, (key) => devtools.send("Input.dispatchKeyEvent", { type: "char", text: key })));
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await devtools.detach();
}

export const field = (page: Page, name: string): Locator => page.getByRole("textbox", { name });
export const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });
