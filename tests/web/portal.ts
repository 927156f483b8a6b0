import path from "node:path";
import { type BrowserContext, type BrowserContextOptions, expect, type Page, test as base } from "@playwright/test";
import { createVirtualClock, type VirtualClock } from "../../scripts/local/front/clock.ts";
import { type A11yOptions, a11yFindings, reflowFindings } from "./harness/checks.ts";
import { type Clinic, makeClinic } from "./harness/clinic.ts";
import { createGuard, type Guard } from "./harness/guard.ts";
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

/** The stage's time and that of every page opened in it. */
export interface StageClock {
  now(): number;
  /** Moves both forward, and runs what falls due on the way. */
  advance(ms: number): Promise<void>;
}

const builtPortal = path.resolve(import.meta.dirname, "../../web/dist");

async function startPortal(clock?: VirtualClock): Promise<{ portal: Portal; close: () => Promise<void> }> {
  const stage = await startStage(builtPortal, clock);
  const registry: Registry = createRegistry(stage);
  const canaries = new Set<string>();
  const clinic: Portal["clinic"] = (name, wanted) => makeClinic(stage, registry, canaries, name, wanted);
  const portal: Portal = {
    ...(await clinic("Lakeside Family Practice")),
    origin: stage.stack.portalOrigin,
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
  /** Looks for violations and leaks; empty at the end of every test. */
  readonly guard: Guard;
  /** Pages that the guard watches, and how their time is set. */
  readonly pages: { readonly contexts: BrowserContext[]; readonly prepare: (context: BrowserContext) => Promise<void> };
}

interface WorkerFixtures {
  readonly stageTime: VirtualClock | undefined;
  readonly portal: Portal;
}

const portalTest = base.extend<TestFixtures, WorkerFixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from a pattern
  stageTime: [async ({}, use) => use(undefined), { scope: "worker" }],
  portal: [
    async ({ stageTime }, use) => {
      const { portal, close } = await startPortal(stageTime);
      await use(portal);
      await close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  pages: async ({ stageTime }, use) => {
    const contexts: BrowserContext[] = [];
    await use({
      contexts,
      prepare: async (context) => {
        if (stageTime !== undefined) await context.clock.install({ time: stageTime.now() });
      },
    });
    for (const context of contexts) await context.close();
  },
  guard: [
    async ({ portal }, use) => {
      const { endpoint, documentsOrigin } = portal.stage.stack;
      const ours = [portal.origin, endpoint, documentsOrigin, "blob:", "about:"];
      const guard = createGuard(portal.canaries, (url) => ours.some((start) => url.startsWith(start)));
      await use(guard);
      expect(await guard.taken(), "what a page must never do").toEqual([]);
    },
    { auto: true },
  ],
  open: async ({ browser, portal, guard, pages }, use) => {
    await use(async (who, address, { beside, ...options } = {}) => {
      const context = beside?.context() ?? (await newContext());
      const page = await context.newPage();
      await page.goto(`${portal.origin}${address}`);
      return page;

      async function newContext(): Promise<BrowserContext> {
        const made = await browser.newContext({ baseURL: portal.origin, ...options });
        pages.contexts.push(made);
        await guard.watch(made);
        await pages.prepare(made);
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
});

const withClock = portalTest.extend<{ readonly clock: StageClock }, WorkerFixtures>({
  stageTime: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from a pattern
    async ({}, use) => {
      const clock = createVirtualClock({ isFlowing: true });
      await use(clock);
      await clock.close();
    },
    { scope: "worker" },
  ],
  clock: async ({ stageTime, pages }, use) => {
    if (stageTime === undefined) throw new Error("a test with a clock has a stage of its own");
    await use({
      now: () => stageTime.now(),
      async advance(ms) {
        await stageTime.advance(ms);
        for (const context of pages.contexts) await context.clock.fastForward(ms);
      },
    });
  },
});

/**
 * Tests over the running portal. `test.withClock` has a stage of its own whose time can be moved; use it only for what is
 * about time.
 */
export const test = Object.assign(portalTest, { withClock });

/** WCAG 2.2 A and AA, by axe: nothing. */
export async function checkA11y(page: Page, options: A11yOptions = {}): Promise<void> {
  expect(await a11yFindings(page, options), "accessibility").toEqual([]);
}

/** At 320 px nothing has to be scrolled sideways. */
export async function checkReflow(page: Page): Promise<void> {
  expect(await reflowFindings(page), "reflow at 320 px").toEqual([]);
}
