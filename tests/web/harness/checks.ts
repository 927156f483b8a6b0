import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SCHEME = "data-mantine-color-scheme";

/** The axe that the builder brings. It sends the long form twice and opens a page for each scan, which this does not. */
const AXE = readFileSync(
  createRequire(createRequire(import.meta.url).resolve("@axe-core/playwright")).resolve("axe-core/axe.min.js"),
  "utf8",
);

export interface A11yOptions {
  /** CSS selectors of what alone is looked at. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** These of axe's rules, in the place of all that WCAG asks for. */
  readonly rules?: readonly string[];
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string | undefined }[];
}

interface Scan {
  readonly context: { readonly include?: readonly string[]; readonly exclude: readonly string[] };
  readonly runOnly: { readonly type: "tag" | "rule"; readonly values: readonly string[] };
  readonly scheme?: { readonly attribute: string; readonly value: string };
}

/** One scan, in the colours of a scheme. Runs in the page; a colour that is on its way to another is neither. */
async function scan({ context, runOnly, scheme }: Scan): Promise<readonly Violation[]> {
  const root = document.documentElement;
  const before = scheme === undefined ? null : root.getAttribute(scheme.attribute);
  if (scheme !== undefined) root.setAttribute(scheme.attribute, scheme.value);
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
  try {
    const { axe } = globalThis as unknown as {
      axe: { run(context: object, options: object): Promise<{ violations: readonly Violation[] }> };
    };
    const { violations } = await axe.run(context, { runOnly, resultTypes: ["violations"], iframes: false });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })),
    }));
  } finally {
    if (scheme !== undefined && before !== null) root.setAttribute(scheme.attribute, before);
  }
}

const sentences = (violations: readonly Violation[], scheme = ""): string[] =>
  violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = "" }) =>
        `${scheme}${id}: ${target.join(" ")} ${failureSummary.replaceAll(/\s+/g, " ")}`,
    ),
  );

/** The colours that a page has now. */
export const schemeOf = async (page: Page): Promise<"light" | "dark"> =>
  (await page.locator("html").getAttribute(SCHEME)) === "dark" ? "dark" : "light";

/** The builder finds its way into frames of other origins. */
async function scanWithFrames(page: Page, { context, runOnly }: Scan): Promise<readonly Violation[]> {
  const builder = new AxeBuilder({ page, axeSource: AXE });
  if (runOnly.type === "tag") builder.withTags([...runOnly.values]);
  else builder.withRules([...runOnly.values]);
  for (const selector of context.include ?? []) builder.include(selector);
  for (const selector of context.exclude) builder.exclude(selector);
  return (await builder.analyze()).violations;
}

/**
 * What axe finds of WCAG 2.2 A and AA, each as `rule: element`; of a page in light what it finds of its colours in dark as
 * well, which is other colours and nothing else.
 */
export async function a11yFindings(
  page: Page,
  { include = [], exclude = [], rules }: A11yOptions = {},
): Promise<string[]> {
  const context = { exclude, ...(include.length > 0 && { include }) };
  const runOnly =
    rules === undefined ? { type: "tag" as const, values: WCAG } : { type: "rule" as const, values: rules };
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const found =
    page.frames().length === 1
      ? await page.evaluate(scan, { context, runOnly })
      : await scanWithFrames(page, { context, runOnly });
  if (rules !== undefined || (await schemeOf(page)) === "dark") return sentences(found);
  const dark = await page.evaluate(scan, {
    context,
    runOnly: { type: "rule", values: ["color-contrast"] },
    scheme: { attribute: SCHEME, value: "dark" },
  } as const);
  return [...sentences(found), ...sentences(dark, "dark: ")];
}

/** WCAG 2.2 1.4.10: 320 CSS pixels without scrolling in two directions. */
const REFLOW = { width: 320, height: 640 } as const;

/** What reaches beyond a window of 320 px, each as the element that does; empty where the page fits. */
export async function reflowFindings(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  await page.setViewportSize(REFLOW);
  try {
    return await page.evaluate(async () => {
      // Two frames: what reacts to the new width has been laid out.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const wide = [...document.body.querySelectorAll("*")].filter(
        (element) => element.getBoundingClientRect().right > width + 1,
      );
      const named = wide.map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`);
      return [`the page is ${document.documentElement.scrollWidth} px wide`, ...named.slice(0, 5)];
    });
  } finally {
    if (before !== null) await page.setViewportSize(before);
  }
}
