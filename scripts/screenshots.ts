// `node scripts/screenshots.ts [name...]`: takes the screens of tests/web/shots.ts in a synthetic clinic, for the README.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import type { UnsignedNotesView, VisitsView } from "../core/contract/index.ts";
import { CliFailure } from "./cli/failure.ts";
import { Api } from "./cli/api.ts";
import { startStack } from "./local/stack.ts";
import { currentPlan } from "./plan/current.ts";
import { buildPortal, PortalBuildError } from "./portal/build.ts";
import { type Demo, demoPatientId, seedDemo } from "./start/demo.ts";
import { workOffExports } from "./start/exports.ts";
import { seedFinance } from "./start/finance.ts";
import { type MemberSession, openMemberSession } from "./start/member-session.ts";
import { prepareProfile } from "./start/profile.ts";
import { findChromium } from "./test/chromium.ts";

const root = path.resolve(import.meta.dirname, "..");
const folder = path.join(root, "web/screenshots");
const VIEWPORT = { width: 1280, height: 800 };
const PATIENTS = 24;
/** The limit of the plan is for the world. */
const THROTTLE = { ratePerSecond: 2_000, burst: 4_000 };
/** Who made the clinic has shown the codes of two half minutes, and a code works once. */
const NEXT_CODES_MS = 61_000;
/** A board is worth looking at in the middle of a morning. */
const BEST_HOUR = 10.5;
const ZONES = [
  "America/New_York",
  "America/Chicago",
  "America/Denver",
  "America/Los_Angeles",
  "Pacific/Honolulu",
  "Pacific/Auckland",
  "Australia/Sydney",
  "Asia/Tokyo",
  "Asia/Kolkata",
  "Europe/Istanbul",
  "Europe/Berlin",
  "Atlantic/Azores",
  "America/Sao_Paulo",
];

/** What is answered with a refusal as it should be: whether one is signed in, and what only `npm start` offers. */
const EXPECTED = /\/(session|app\/demo\.json)$/;

/** The registry of screens. It lies with the tests, which nothing here may depend on, and is found when this runs. */
interface Registry {
  readonly SHOTS: readonly {
    readonly name: string;
    readonly as?: string;
    readonly path: (facts: { readonly patientId: string; readonly noteId: string }) => string;
    readonly isDark?: boolean;
    readonly act?: (page: Page) => Promise<void>;
  }[];
}
const registryFile = pathToFileURL(path.join(root, "tests/web/shots.ts")).href;

function hourIn(timeZone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, hour: "numeric", minute: "numeric", hourCycle: "h23" });
  const [hour = 0, minute = 0] = parts.format(atMs).split(":").map(Number);
  return hour + minute / 60;
}

const zoneInTheMorning = (nowMs: number): string =>
  ZONES.toSorted((a, b) => Math.abs(hourIn(a, nowMs) - BEST_HOUR) - Math.abs(hourIn(b, nowMs) - BEST_HOUR))[0] ?? "UTC";

async function factsOf({ profile, tokenOf }: Demo): Promise<{ readonly patientId: string; readonly noteId: string }> {
  const physician = profile.members.find(({ login }) => login === "a.doc");
  if (physician === undefined) throw new Error("the synthetic clinic has a physician");
  const api = new Api(profile.publicUrl, () => tokenOf(physician));
  const { notes } = await api.json<UnsignedNotesView>({ method: "GET", path: "/clinic/unsigned-notes" });
  const [draft] = notes;
  if (draft === undefined) return { patientId: demoPatientId, noteId: "none" };
  const visits = await api.json<VisitsView>({ method: "GET", path: `/clinic/patients/${draft.patient}/visits` });
  return { patientId: demoPatientId, noteId: visits.visits.flatMap((visit) => visit.notes)[0]?.id ?? draft.id };
}

/** Nothing is loading any more: the skeletons of every card have gone. */
async function settle(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForLoadState("networkidle");
  await page.locator('[class*="skeleton"]').first().waitFor({ state: "detached" });
  await page.waitForLoadState("networkidle");
}

async function main(wanted: readonly string[]): Promise<void> {
  const found = findChromium();
  if (!found.ok) throw new CliFailure(found.error);
  const { SHOTS } = (await import(registryFile)) as Registry;
  const shots = SHOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const built = await buildPortal();
  const data = mkdtempSync(path.join(tmpdir(), "keyward-screenshots-"));
  const plan = await currentPlan("dev");
  const stack = await startStack({ plan, throttle: THROTTLE, portal: { folder: built.folder } });
  let browser: Browser | undefined;
  try {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const timeZone = zoneInTheMorning(Date.now());
    const runExports = (): Promise<void> => workOffExports(stack);
    const options = { folder: data, patients: PATIENTS, say, timeZone, runExports };
    const demo = await seedDemo(await prepareProfile(stack, data), options);
    const bookkeeper = await seedFinance(stack, demo.profile, { say });
    const members = [...demo.profile.members, ...(bookkeeper === undefined ? [] : [bookkeeper])];
    await new Promise((resolve) => setTimeout(resolve, NEXT_CODES_MS));
    const facts = await factsOf(demo);
    browser = await chromium.launch({ executablePath: found.value, args: ["--no-sandbox", "--disable-gpu"] });
    const cookies = new Map<string, Promise<MemberSession>>();
    const cookieOf = async (login: string): Promise<string> => {
      const member = members.find((one) => one.login === login);
      if (member === undefined) throw new CliFailure(`no synthetic member is called ${login}`);
      const known = cookies.get(login) ?? openMemberSession(stack.endpoint, member);
      cookies.set(login, known);
      return (await known).cookie();
    };
    mkdirSync(folder, { recursive: true });
    for (const shot of shots) {
      const colorScheme = shot.isDark === true ? "dark" : "light";
      const context = await browser.newContext({ viewport: VIEWPORT, locale: "en-US", colorScheme });
      if (shot.as !== undefined) {
        const url = stack.portalOrigin.replace("http:", "https:");
        const value = (await cookieOf(shot.as)).replace(/^__Host-sid=/, "");
        await context.addCookies([{ name: "__Host-sid", value, url, secure: true, httpOnly: true, sameSite: "Lax" }]);
      }
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !EXPECTED.test(message.location().url)) faults.push(message.text());
      });
      await page.goto(`${stack.portalOrigin}${shot.path(facts)}`);
      await settle(page);
      await shot.act?.(page);
      await settle(page);
      if (faults.length > 0) throw new CliFailure(`the screen ${shot.name} does not work: ${faults[0]?.slice(0, 300)}`);
      await page.screenshot({ path: path.join(folder, `${shot.name}.png`), animations: "disabled" });
      say(`web/screenshots/${shot.name}.png`);
      await context.close();
    }
  } finally {
    await browser?.close();
    await stack.close();
    rmSync(data, { recursive: true, force: true });
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isExpected = error instanceof CliFailure || error instanceof PortalBuildError;
  process.stderr.write(
    `keyward: ${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
