import { appendFileSync, readFileSync } from "node:fs";
import type { Page } from "@playwright/test";

/** How a screen was looked at: by axe in these colours, or at 320 px. */
export type Way = "light" | "dark" | "320 px";

/** That a test looked at a screen of the portal. */
export interface Look {
  readonly way: Way;
  /** Of the address. */
  readonly path: string;
  /** The screen's heading; empty where none was seen. */
  readonly title: string;
}

/** Where the workers of a run write their looks down, each on a line (`global-setup.ts`). */
export const LOOKS_FILE = "KEYWARD_TEST_LOOKS";

function looksFile(): string {
  const file = process.env[LOOKS_FILE];
  if (file === undefined) throw new Error("the browser tests run under tests/web/playwright.config.ts");
  return file;
}

/** Writes down that this page was looked at. */
export async function noteLooks(page: Page, ways: readonly Way[]): Promise<void> {
  const seen = await page.evaluate(() => {
    const heading = document.querySelector("#content h1");
    return { path: location.pathname, title: heading?.checkVisibility() === true ? (heading.textContent ?? "") : "" };
  });
  appendFileSync(looksFile(), ways.map((way) => `${JSON.stringify({ way, ...seen } satisfies Look)}\n`).join(""));
}

/** Every look of this run. */
export const looks = (): Look[] =>
  readFileSync(looksFile(), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Look);

interface Screen {
  readonly id: string;
  readonly path: string;
}

const isAt = (screen: Screen, path: string): boolean => {
  const [wanted, parts] = [screen.path.split("/"), path.split("/")];
  return wanted.length === parts.length && wanted.every((word, at) => word.startsWith("$") || word === parts[at]);
};

/** The ways in which no look fell on a screen, as `id: way`. Where two are at one address, it is the one that is named there. */
export function unseenScreens(screens: readonly Screen[], seen: readonly Look[], ways: readonly Way[]): string[] {
  const namedFirst = screens.toSorted((a, b) => a.path.split("$").length - b.path.split("$").length);
  const found = new Set(seen.map(({ way, path }) => `${namedFirst.find((screen) => isAt(screen, path))?.id}: ${way}`));
  return screens.flatMap(({ id }) => ways.map((way) => `${id}: ${way}`)).filter((look) => !found.has(look));
}
