import path from "node:path";
import { type BrowserContext, type BrowserContextOptions, expect, type Page, test as base } from "@playwright/test";
import { type A11yOptions, a11yFindings, reflowFindings, schemeOf } from "./harness/checks.ts";
import { type Catalogue, type Show, startCatalogue } from "./harness/catalogue.ts";
import { type Clinic, makeClinic } from "./harness/clinic.ts";
import { createGuard, type Guard } from "./harness/guard.ts";
import { noteLooks } from "./harness/looks.ts";
import { createRegistry, type Person, type Registry, type Role } from "./harness/people.ts";
import { type Stage, startStage } from "./harness/stage.ts";

export { expect };
export type { CanaryPatient, Clinic } from "./harness/clinic.ts";
export type { ApiCaller, Person, Role } from "./harness/people.ts";

/** A stage with the built portal and one clinic, of one Playwright worker: tests share it, and make what they change. */
export interface Portal extends Clinic {
  /** `http://localhost:PORT` */
  readonly origin: string;
  readonly stage: Stage;
  /** A second clinic of the stage. */
  clinic(name: string, wanted?: { readonly goLive?: "after-checklist" }): Promise<Clinic>;
  /** Somebody who works in finance: of the platform, and of no clinic. */
  finance(displayName: string): Promise<Person>;
  /** A code of the authenticator that this person has not shown yet. */
  freshCode(person: Person): Promise<string>;
  /** The secret of the person's session. */
  cookieOf(person: Person): Promise<string>;
  /** Words that must be found nowhere but on the screen: `portal.patient` adds its own. */
  readonly canaries: Set<string>;
}

export interface OpenOptions extends Pick<
  BrowserContextOptions,
  "colorScheme" | "locale" | "viewport" | "reducedMotion"
> {
  /** A tab beside this page, in the same browser and session. */
  readonly beside?: Page;
}

/** Opens a page of the portal as this person, signed in by cookie; `undefined` opens it as nobody. */
export type Open = (who: Role | Person | undefined, path: string, options?: OpenOptions) => Promise<Page>;

const builtPortal = path.resolve(import.meta.dirname, "../../web/dist");

/** What the pages of a worker may ask, and what none of them may tell. */
interface Watched {
  /** How an address of ours begins. */
  readonly ours: Set<string>;
  readonly canaries: Set<string>;
}

async function startPortal({ ours, canaries }: Watched): Promise<{ portal: Portal; close: () => Promise<void> }> {
  const stage = await startStage(builtPortal);
  const { portalOrigin: origin, endpoint, documentsOrigin } = stage.stack;
  for (const start of [origin, endpoint, documentsOrigin]) ours.add(start);
  const registry: Registry = createRegistry(stage);
  const clinic: Portal["clinic"] = (name, wanted) => makeClinic(stage, registry, canaries, name, wanted);
  const portal: Portal = {
    ...(await clinic("Lakeside Family Practice")),
    origin,
    stage,
    clinic,
    finance: (displayName) => registry.hire(stage.operationsId, ["finance"], { displayName }),
    canaries,
    freshCode: registry.freshCode,
    cookieOf: registry.cookieOf,
  };
  return { portal, close: () => stage.close() };
}

interface TestFixtures {
  readonly open: Open;
  readonly show: Show;
  /** Looks for violations and leaks; empty at the end of every test. */
  readonly guard: Guard;
  /** A context that the guard watches, closed behind the test. */
  readonly newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
}

interface WorkerFixtures {
  readonly watched: Watched;
  readonly portal: Portal;
  readonly catalogue: Catalogue;
}

/** Tests over the running portal, and over the catalogue: one kind, so that one worker tells them all. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  watched: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from a pattern
    async ({}, use) => use({ ours: new Set(["blob:", "about:"]), canaries: new Set() }),
    { scope: "worker" },
  ],
  portal: [
    async ({ watched }, use) => {
      const { portal, close } = await startPortal(watched);
      await use(portal);
      await close();
    },
    { scope: "worker", timeout: 300_000 },
  ],
  catalogue: [
    async ({ watched }, use) => {
      const catalogue = await startCatalogue();
      watched.ours.add(catalogue.origin);
      await use(catalogue);
      await catalogue.close();
    },
    { scope: "worker", timeout: 300_000 },
  ],
  guard: [
    async ({ watched }, use) => {
      const guard = createGuard(watched.canaries, (url) => [...watched.ours].some((start) => url.startsWith(start)));
      await use(guard);
      expect(await guard.taken(), "what a page must never do").toEqual([]);
    },
    { auto: true },
  ],
  newContext: async ({ browser, guard }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options) => {
      const made = await browser.newContext(options);
      contexts.push(made);
      await guard.watch(made);
      return made;
    });
    for (const context of contexts) await context.close();
  },
  open: async ({ portal, newContext }, use) => {
    await use(async (who, address, { beside, ...options } = {}) => {
      const context = beside?.context() ?? (await signedIn());
      const page = await context.newPage();
      await page.goto(`${portal.origin}${address}`);
      return page;

      async function signedIn(): Promise<BrowserContext> {
        const made = await newContext({ baseURL: portal.origin, ...options });
        if (who === undefined) return made;
        const person = typeof who === "string" ? await portal.person(who) : who;
        const value = await portal.cookieOf(person);
        // A `__Host-` cookie is for https; the browser sends it to localhost too, which it trusts.
        const url = portal.origin.replace("http:", "https:");
        await made.addCookies([{ name: "__Host-sid", value, url, secure: true, httpOnly: true, sameSite: "Lax" }]);
        return made;
      }
    });
  },
  show: async ({ catalogue, newContext }, use) => {
    await use(async (story, { scheme = "light", lang = "en", width = 1280, ...media } = {}) => {
      const context = await newContext({ viewport: { width, height: 800 }, ...media });
      const page = await context.newPage();
      await page.goto(`${catalogue.origin}/app/stories?story=${story}&scheme=${scheme}&lang=${lang}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      return page;
    });
  },
});

/** WCAG 2.2 A and AA, by axe: nothing, in light and in dark. */
export async function checkA11y(page: Page, options: A11yOptions = {}): Promise<void> {
  expect(await a11yFindings(page, options), "accessibility").toEqual([]);
  const { include = ["#content"], rules } = options;
  if (rules !== undefined || !include.includes("#content")) return;
  await noteLooks(page, (await schemeOf(page)) === "dark" ? ["dark"] : ["light", "dark"]);
}

/** At 320 px nothing has to be scrolled sideways. */
export async function checkReflow(page: Page): Promise<void> {
  expect(await reflowFindings(page), "reflow at 320 px").toEqual([]);
  await noteLooks(page, ["320 px"]);
}

/** Both, of a screen that has read what it shows. */
export async function checkScreen(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText(/^Loading /)).toHaveCount(0);
  await checkA11y(page);
  await checkReflow(page);
}
