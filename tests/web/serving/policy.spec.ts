import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, test } from "../portal.ts";

/** Each tries to have code of its own run in the page; what it would set says whether it did. */
const INJECTIONS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  [
    "a script element with text",
    (page) =>
      page.evaluate(() => {
        const script = document.createElement("script");
        script.append("globalThis.isHit = true");
        document.body.append(script);
      }),
  ],
  [
    "a handler in markup",
    (page) =>
      page.evaluate(() => {
        const image = document.createElement("img");
        image.setAttribute("onerror", "globalThis.isHit = true");
        image.setAttribute("src", "/app/none.png");
        document.body.append(image);
      }),
  ],
  [
    "markup as text, with a script in it",
    (page) =>
      page.evaluate(() => {
        const frame = document.createElement("div");
        frame.innerHTML = "<img src=x onerror='globalThis.isHit = true'>";
        document.body.append(frame);
      }),
  ],
  // Later, because what the debugger itself calls is let through.
  [
    "eval",
    (page) =>
      page.evaluate(() => {
        const evaluate = Reflect.get(globalThis, "eval") as (text: string) => unknown;
        setTimeout(() => evaluate("globalThis.isHit = true"));
      }),
  ],
  [
    "a function made of text",
    (page) =>
      page.evaluate(
        () => void setTimeout(() => (Reflect.construct(Function, ["globalThis.isHit = true"]) as () => void)()),
      ),
  ],
  [
    "a timer with text",
    (page) => page.evaluate(() => void Reflect.apply(setTimeout, globalThis, ["globalThis.isHit = true"])),
  ],
  [
    "a script of a blob",
    (page) =>
      page.evaluate(() => {
        const script = document.createElement("script");
        script.src = URL.createObjectURL(new Blob(["globalThis.isHit = true"], { type: "text/javascript" }));
        document.body.append(script);
      }),
  ],
  [
    "an address that is a script",
    (page) =>
      page.evaluate(() => {
        const link = document.createElement("a");
        link.href = "javascript:globalThis.isHit = true";
        document.body.append(link);
        link.click();
      }),
  ],
  ["a script of another origin", (page) => page.evaluate(() => import("https://cdn.example/x.js" as string))],
];

test.describe("AT-42 the portal's policy", () => {
  test("runs nothing that is put into a page", async ({ open, guard }) => {
    const first = await open(undefined, "/app/");
    for (const [title, inject] of INJECTIONS) {
      const page = await open(undefined, "/app/", { beside: first });
      await inject(page).catch(() => undefined);
      await expect.poll(async () => (await guard.taken()).map(({ kind }) => kind), title).toContain("csp");
      expect(await page.evaluate(() => "isHit" in globalThis), title).toBe(false);
      await page.close();
    }
    await first.close();
    await guard.taken();
  });

  test("UIX-5 no other site frames it, and none is named where it was opened from", async ({ browser, portal }) => {
    const stranger = http.createServer((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<a id="go" href="${portal.origin}/app/">go</a><iframe src="${portal.origin}/app/"></iframe>`);
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { port } = stranger.address() as AddressInfo;
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForLoadState("networkidle");
      const [, frame] = page.frames();
      expect(frame?.url() === "" || /^(about:blank|chrome-error:)/.test(frame?.url() ?? "about:blank")).toBe(true);
      await page.click("#go");
      await page.waitForURL(/\/app\//);
      expect(await page.evaluate(() => globalThis.opener as unknown)).toBeNull();
    } finally {
      await context.close();
      await new Promise((resolve) => stranger.close(resolve));
    }
  });
});
