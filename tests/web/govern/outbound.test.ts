import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

/**
 * UIX-6: the portal sends nothing to anybody but its own server, and nothing of its own accord: there is one door, which
 * sends requests of the contract, and no other way out. What the pages send while they are used is watched in every
 * browser test (tests/web/harness/guard.ts).
 */
const root = path.resolve(import.meta.dirname, "../../..");
/** The one door. */
const DOOR = "web/src/api/client.ts";

const WAYS_OUT = [
  /\bfetch\s*\(/,
  /\bsendBeacon\b/,
  /\bXMLHttpRequest\b/,
  /\bnew\s+(?:WebSocket|EventSource|Worker|SharedWorker|Image|RTCPeerConnection|BroadcastChannel)\b/,
  /\bWebTransport\b/,
  /\breportError\b|\bReportingObserver\b/,
  /\bimportScripts\b|\bserviceWorker\b/,
  /\b(?:gtag|dataLayer|Sentry|posthog|mixpanel|amplitude|datadog|hotjar|clarity)\b/i,
  /\bhttps?:\/\/(?!localhost|www\.w3\.org|www\.ecfr\.gov)/,
];
/** What is looked at here, word for word, and may stay: any other use of the same way in that file is found. */
const KNOWN: Readonly<Record<string, string>> = {
  // One tab tells the others of this origin that somebody signed out: it leaves no machine.
  "web/src/app/tabs.ts": "new BroadcastChannel(",
  // A file of a demonstration's own server, fetched without a session; nothing is sent.
  "web/src/api/demo.ts": `fetch("/app/demo.json", { cache: "no-store", credentials: "omit" })`,
};

const filesOf = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|tsx|html|css)$/.test(file))
    .map((file) => path.posix.join(folder, file));

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");

/** Each way out that a file has, as the text that shows it. */
function waysOut(file: string, text: string): string[] {
  if (file === DOOR) return [];
  const known = KNOWN[file];
  const code = withoutComments(known === undefined ? text : text.replace(known, ""));
  return WAYS_OUT.flatMap((way) => way.exec(code)?.[0] ?? []).map((shown) => `${file}: ${shown}`);
}

describe("UIX-6 what leaves the portal", () => {
  it("UIX-6 leaves by one door, to its own server", () => {
    const files = [...filesOf("web/src"), "web/index.html"];
    expect(files).toContain(DOOR);
    expect(files.flatMap((file) => waysOut(file, readFileSync(path.join(root, file), "utf8")))).toEqual([]);
  });

  it.each([
    ["a beacon", `navigator.sendBeacon("/x", name)`],
    ["a second door", `await fetch("/clinic/patients")`],
    ["a picture as a messenger", `const probe = new Image();`],
    ["somebody's error service", `Sentry.captureException(error)`],
    ["another origin", `const url = "https://collect.example.org/e";`],
    ["a worker", `navigator.serviceWorker.register("/sw.js")`],
  ])("UIX-6 finds %s", (_title, text) => {
    expect(waysOut("web/src/screens/x.tsx", text)).toHaveLength(1);
  });
});
