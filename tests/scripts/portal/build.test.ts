import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BUDGET, measureEntry, overBudget } from "../../../scripts/portal/budget.ts";
import { buildPortal, isPortalCurrent, PortalBuildError, sentenceOf } from "../../../scripts/portal/build.ts";

/** A portal of one page in a tree of its own, with the project's packages. */
let root: string;
const put = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "keyward-portal-"));
  mkdirSync(path.join(root, "node_modules"));
  symlinkSync(path.resolve(import.meta.dirname, "../../../node_modules/vite"), path.join(root, "node_modules/vite"));
  put("package.json", '{"type":"module"}');
  put("package-lock.json", "{}");
  put("web/vite.config.ts", 'export default { base: "/app/", build: { assetsInlineLimit: 0 } };\n');
  put("web/index.html", '<!doctype html><script type="module" src="/src/main.ts"></script>');
  put("web/src/main.ts", 'import { word } from "../../core/kernel/word.ts"; import "./a.css"; document.title = word;');
  put("web/src/a.css", "body { color: red }");
  put("core/kernel/word.ts", 'export const word: string = "one";');
  put("core/kernel/other.ts", "export {};");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("INF-5 building the portal", () => {
  it("builds once, and again only when a source of it has changed, also one of core", async () => {
    expect(isPortalCurrent(root)).toBe(false);
    expect((await buildPortal({ root })).isNew).toBe(true);
    expect((await buildPortal({ root })).isNew).toBe(false);
    put("core/kernel/other.ts", "export const unused = 1;");
    expect(isPortalCurrent(root)).toBe(true);
    put("core/kernel/word.ts", 'export const word: string = "two";');
    expect(isPortalCurrent(root)).toBe(false);
    const { folder, isNew } = await buildPortal({ root });
    expect(isNew).toBe(true);
    const script = /\/app\/(assets\/[^"]+\.js)/.exec(readFileSync(path.join(folder, "index.html"), "utf8"))?.[1] ?? "";
    expect(readFileSync(path.join(folder, script), "utf8")).toContain("two");
  });

  it.each([
    ["a new file", () => put("web/src/new.ts", "")],
    ["a changed page", () => put("web/index.html", "<!doctype html><p>")],
    ["other packages", () => put("package-lock.json", "{ }")],
    ["a file of the portal that is gone", () => rmSync(path.join(root, "web/src/a.css"))],
    ["a build that was removed", () => rmSync(path.join(root, "web/dist"), { recursive: true })],
  ])("%s makes the build an old one", async (_title, change) => {
    await buildPortal({ root });
    change();
    expect(isPortalCurrent(root)).toBe(false);
  });

  it("says in a sentence what does not build and where, and leaves the last build standing", async () => {
    await buildPortal({ root });
    const before = readFileSync(path.join(root, "web/dist/index.html"), "utf8");
    put("web/src/main.ts", 'import { nothing } from "../../core/kernel/word.ts"; document.title = nothing;');
    const failure: unknown = await buildPortal({ root }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PortalBuildError);
    expect((failure as Error).message).toMatch(
      /^the portal does not build: "nothing" is not exported by [^\n]*\.$|:\d+\)$/,
    );
    expect((failure as Error).message).not.toContain("\n");
    expect(readFileSync(path.join(root, "web/dist/index.html"), "utf8")).toBe(before);
    expect(isPortalCurrent(root)).toBe(false);
  });

  it("says that there is none", async () => {
    rmSync(path.join(root, "web/vite.config.ts"));
    await expect(buildPortal({ root })).rejects.toThrow("there is no portal to build: web/vite.config.ts is missing");
  });

  it("a failure that is drawn is told in one line", () => {
    const drawn =
      'Build failed with 1 error:\n\n\u001b[31m[MISSING_EXPORT] \u001b[0m"X" is missing.\n  [ web/src/a.ts:3:4 ]\n';
    expect(sentenceOf(new Error(drawn))).toBe('"X" is missing. (web/src/a.ts:3:4)');
    expect(sentenceOf("")).toBe("the bundler does not say why");
  });
});

describe("INF-5 what a first visit loads", () => {
  it("is measured over the scripts and styles that the page names, and no other", async () => {
    put("web/src/main.ts", 'import "./a.css"; void import("./later.ts");');
    put("web/src/later.ts", `export const later = ${JSON.stringify("x".repeat(10))};`);
    const { size, folder } = await buildPortal({ root });
    expect(size).toEqual(measureEntry(folder));
    expect(size.scriptKb).toBeGreaterThan(0);
    expect(size.styleKb).toBeGreaterThan(0);
  });

  it("finds an entry that is too large", () => {
    expect(overBudget({ scriptKb: BUDGET.scriptKb, styleKb: BUDGET.styleKb })).toBeUndefined();
    expect(overBudget({ scriptKb: 220.6, styleKb: 45.1 })).toBe(
      "the portal's first visit loads 220.6 kB of script, and 220 are allowed; 45.1 kB of styles, and 45 are allowed (gzipped)",
    );
  });
});
