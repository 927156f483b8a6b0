import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export interface A11yOptions {
  /** CSS selectors of what alone is looked at. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** These of axe's rules, in the place of all that WCAG asks for. */
  readonly rules?: readonly string[];
}

/** What axe finds of WCAG 2.2 A and AA, each as `rule: element`. */
export async function a11yFindings(
  page: Page,
  { include = [], exclude = [], rules }: A11yOptions = {},
): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  if (rules === undefined) builder.withTags(WCAG);
  else builder.withRules([...rules]);
  for (const selector of include) builder.include(selector);
  for (const selector of exclude) builder.exclude(selector);
  const { violations } = await builder.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = "" }) => `${id}: ${target.join(" ")} ${failureSummary.replaceAll(/\s+/g, " ")}`,
    ),
  );
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
