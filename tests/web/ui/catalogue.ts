import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import { portalHeaders } from "../../../core/contract/portal-headers.ts";
import { createGuard, type Guard } from "../harness/guard.ts";

export { expect };

const root = path.resolve(import.meta.dirname, "../../..");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface Catalogue {
  readonly origin: string;
  close(): Promise<void>;
}

function buildStories(folder: string): void {
  const vite = path.join(root, "node_modules/vite/bin/vite.js");
  const args = [vite, "build", "--config", path.join(root, "web/vite.config.ts"), "--outDir", folder, "--emptyOutDir"];
  const built = spawnSync(process.execPath, args, {
    env: { ...process.env, KEYWARD_STORIES: "1" },
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(`the stories do not build: ${built.stderr}`);
}

/** Serves the stories with the headers of the portal: what it may not do in the portal, it may not do here. */
async function startCatalogue(): Promise<Catalogue> {
  const folder = mkdtempSync(path.join(tmpdir(), "keyward-stories-"));
  buildStories(folder);
  const headers = portalHeaders("http://localhost:1", "other");
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://localhost").pathname.replace(/^\/app\//, "");
    const file = path.join(folder, path.extname(name) === "" ? "stories.html" : path.normalize(name));
    const isFile = file.startsWith(folder) && existsSync(file);
    response.writeHead(isFile ? 200 : 404, {
      ...headers,
      "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    });
    if (isFile) createReadStream(file).pipe(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface StoryOptions {
  readonly scheme?: "light" | "dark";
  readonly lang?: "en" | "es";
  readonly width?: number;
  readonly reducedMotion?: "reduce";
  readonly forcedColors?: "active";
}

/** Opens the page of a story, or of a group of them. */
export type Show = (story: string, options?: StoryOptions) => Promise<Page>;

interface TestFixtures {
  readonly show: Show;
  readonly guard: Guard;
}

/** Tests of the catalogue, without a stage behind it. At the end of each: no violation of the policy, no page error. */
export const test = base.extend<TestFixtures, { readonly catalogue: Catalogue }>({
  catalogue: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from a pattern
    async ({}, use) => {
      const catalogue = await startCatalogue();
      await use(catalogue);
      await catalogue.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  guard: [
    async ({ catalogue }, use) => {
      const guard = createGuard(new Set(), (url) => url.startsWith(catalogue.origin) || url.startsWith("blob:"));
      await use(guard);
      expect(await guard.taken(), "what a page must never do").toEqual([]);
    },
    { auto: true },
  ],
  show: async ({ browser, catalogue, guard }, use) => {
    const close: (() => Promise<void>)[] = [];
    await use(async (story, { scheme = "light", lang = "en", width = 1280, ...media } = {}) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, ...media });
      close.push(() => context.close());
      await guard.watch(context);
      const page = await context.newPage();
      await page.goto(`${catalogue.origin}/app/stories?story=${story}&scheme=${scheme}&lang=${lang}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      return page;
    });
    for (const one of close) await one();
  },
});
