import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { portalHeaders } from "../../../core/contract/portal-headers.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The pages of `web/stories`, of one worker. */
export interface Catalogue {
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
export async function startCatalogue(): Promise<Catalogue> {
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
