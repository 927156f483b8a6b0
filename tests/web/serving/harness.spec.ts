import type { Page } from "@playwright/test";
import { a11yFindings, reflowFindings, schemeOf } from "../harness/checks.ts";
import { expect, test } from "../portal.ts";

/** Each fault as a page of ours would commit it, and the kind that the guard must call it. */
const FAULTS: readonly (readonly [string, string, (page: Page, canary: string) => Promise<unknown>])[] = [
  [
    "an inline script",
    "csp",
    (page) =>
      page.evaluate(() => {
        const script = document.createElement("script");
        script.append("globalThis.isHit = true");
        document.body.append(script);
      }),
  ],
  [
    "an inline style sheet",
    "csp",
    (page) =>
      page.evaluate(() => {
        const style = document.createElement("style");
        style.append("body { color: red }");
        document.head.append(style);
      }),
  ],
  [
    "a string that becomes markup (Trusted Types)",
    "csp",
    (page) =>
      page.evaluate(() => {
        try {
          document.createElement("div").innerHTML = "<b>x</b>";
        } catch {
          // Refused, as it must be; the report is what counts here.
        }
      }),
  ],
  [
    "an error that nobody catches",
    "page-error",
    (page) => page.evaluate(() => void setTimeout(() => void Promise.reject(new Error("planted")))),
  ],
  [
    "a request to another origin",
    "foreign-request",
    (page) => page.evaluate(() => void window.open("http://tracker.invalid/")),
  ],
  [
    "a name in local storage",
    "local-storage",
    (page, word) => page.evaluate((w) => localStorage.setItem("q", w), word),
  ],
  [
    "a name in session storage",
    "session-storage",
    (page, word) => page.evaluate((w) => sessionStorage.setItem(w, "1"), word),
  ],
  [
    "a name in IndexedDB",
    "indexed-db",
    (page, word) =>
      page.evaluate(async (w) => {
        const open = indexedDB.open("drafts", 1);
        open.onupgradeneeded = () => open.result.createObjectStore("notes");
        await new Promise((resolve) => (open.onsuccess = resolve));
        const writing = open.result.transaction("notes", "readwrite");
        writing.objectStore("notes").put({ text: `about ${w}` }, "n1");
        await new Promise((resolve) => (writing.oncomplete = resolve));
        open.result.close();
      }, word),
  ],
  [
    "a name in the Cache Storage",
    "cache-storage",
    (page, word) =>
      page.evaluate(async (w) => {
        const cache = await caches.open("c");
        await cache.put("/app/kept", new Response(w));
      }, word),
  ],
  ["a name in the title", "title", (page, word) => page.evaluate((w) => void (document.title = `Chart of ${w}`), word)],
  [
    "a name in a title that is gone again",
    "title",
    (page, word) =>
      page.evaluate(async (w) => {
        document.title = w;
        await new Promise((resolve) => setTimeout(resolve, 50));
        document.title = "Keyward";
      }, word),
  ],
  [
    "a name in an address of the history",
    "url",
    (page, word) =>
      page.evaluate((w) => {
        const before = location.href;
        history.pushState(null, "", `/app/patients?name=${w}`);
        history.pushState(null, "", before);
      }, word),
  ],
  [
    "a name in the address of a request",
    "url",
    (page, word) => page.evaluate((w) => void fetch(`/health?q=${w}`), word),
  ],
  [
    "a name in the console",
    "console",
    (page, word) => page.evaluate((w) => globalThis["console"].log(`saved ${w}`), word),
  ],
];

test.describe("UIX-5 the harness finds what it is there for", () => {
  test("in pages, their storage and what they ask for", async ({ open, portal, guard }) => {
    const first = await open(undefined, "/app/");
    for (const [title, kind, plant] of FAULTS) {
      const word = `Zqplanted${kind.replaceAll("-", "")}`;
      portal.canaries.add(word);
      const page = await open(undefined, "/app/", { beside: first });
      await plant(page, word);
      await expect.poll(async () => (await guard.taken()).map((found) => found.kind), title).toContain(kind);
      await page.evaluate(async () => {
        localStorage.clear();
        sessionStorage.clear();
        indexedDB.deleteDatabase("drafts");
        await caches.delete("c");
      });
      await page.close();
      portal.canaries.delete(word);
    }
    await first.close();
    await guard.taken();
  });

  test("nothing is found on a page that does nothing wrong", async ({ open, guard }) => {
    await open(undefined, "/app/");
    expect(await guard.taken()).toEqual([]);
  });

  test("axe finds a picture and a field without a name", async ({ open }) => {
    const page = await open(undefined, "/app/");
    await page.evaluate(() => {
      const image = document.createElement("img");
      image.src = "/app/icon.svg";
      document.body.append(image, document.createElement("input"));
    });
    const rules = (await a11yFindings(page)).map((found) => found.split(":", 1)[0]);
    expect(rules).toEqual(expect.arrayContaining(["image-alt", "label"]));
  });

  test("axe finds in a page in light what cannot be read in dark, and puts the colours back", async ({ open }) => {
    const page = await open(undefined, "/app/");
    await page.evaluate(() => {
      const text = document.createElement("p");
      text.style.color = "#17212b";
      text.append("Dark on dark");
      document.body.append(text);
    });
    expect((await a11yFindings(page)).map((found) => found.split(" ", 2).join(" "))).toEqual(["dark: color-contrast:"]);
    expect(await schemeOf(page)).toBe("light");
  });

  test("the reflow check finds a table that is too wide, and puts the window back", async ({ open }) => {
    const page = await open(undefined, "/app/");
    expect(await reflowFindings(page)).toEqual([]);
    await page.evaluate(() => {
      const wide = document.createElement("div");
      wide.style.width = "900px";
      wide.style.height = "4px";
      document.body.append(wide);
    });
    expect((await reflowFindings(page))[0]).toMatch(/^the page is \d+ px wide$/);
    expect(page.viewportSize()).toEqual({ width: 1280, height: 800 });
  });

  test("a page opened as somebody carries a session, and as nobody none", async ({ open, portal }) => {
    const status = (who: "nurse" | undefined): Promise<number> =>
      open(who, "/app/").then((page) => page.evaluate(async () => (await fetch("/session")).status));
    expect(await status("nurse")).toBe(200);
    expect(await status(undefined)).toBe(401);
    const { birthDate, id } = await portal.patient({ birthDate: "1961-07-04" });
    const read = await portal.as("physician").send("GET", `/fhir/Patient/${id}`, { purpose: "TREAT" });
    expect(String(read.body["birthDate"])).toBe(birthDate);
  });
});
