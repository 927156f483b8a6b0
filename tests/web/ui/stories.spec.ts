import { a11yFindings, reflowFindings } from "../harness/checks.ts";
import { expect, test } from "../portal.ts";

const GROUPS = [
  "actions",
  "charts",
  "dialogs",
  "fields",
  "forms",
  "layout",
  "notices",
  "offline",
  "states",
  "tables",
  "text",
] as const;

test.describe("UIX-8 the catalogue", () => {
  test("lists every group of stories that is looked at here", async ({ show }) => {
    const page = await show("");
    await expect(page.getByRole("listitem")).toHaveText([...GROUPS]);
  });

  for (const group of GROUPS) {
    test(`CLIN-18 ${group}: nothing for axe in light and dark, and nothing to scroll sideways at 320 px`, async ({
      show,
    }) => {
      const page = await show(group);
      await expect(page.locator("[data-story]").first()).toBeVisible();
      expect(await a11yFindings(page)).toEqual([]);
      expect(await reflowFindings(page)).toEqual([]);
    });
  }
});

test("CLIN-18 with the colours of the system: lines, borders, what is open and the focus stay to be seen", async ({
  show,
}) => {
  const charts = await show("trend-chart", { forcedColors: "active" });
  const canvas = await charts.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const drawn = await charts
    .locator("svg[role=img]")
    .first()
    .locator("line, path, rect")
    .evaluateAll((all) =>
      all.map((element) => {
        const { stroke, fill } = getComputedStyle(element);
        return { tag: element.tagName, stroke, fill };
      }),
    );
  const of = (...tags: readonly string[]) => drawn.filter(({ tag }) => tags.includes(tag));
  expect(of("line", "path").length).toBeGreaterThan(3);
  for (const { stroke } of of("line", "path", "rect")) expect([canvas, "none"]).not.toContain(stroke);
  // A ground that keeps its own colour would lie under lines that have changed theirs.
  for (const { fill } of of("rect")) expect(fill).toBe("none");

  const tabs = await show("tabs", { forcedColors: "active" });
  const edge = (isOpen: boolean): Promise<string> =>
    tabs
      .getByRole("tab", { selected: isOpen })
      .first()
      .evaluate((element) => getComputedStyle(element).borderBlockEndColor);
  expect([await edge(false), (await edge(true)) === canvas]).toEqual([canvas, false]);
  await tabs.getByRole("tab").first().focus();
  await tabs.keyboard.press("ArrowRight");
  const outline = await tabs.locator(":focus-visible").evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(outline).toBe("solid");
});

test("axe finds a planted fault in a story", async ({ show }) => {
  const page = await show("actions");
  await page.evaluate(() => {
    const button = document.createElement("button");
    document.querySelector("main")?.append(button);
  });
  expect((await a11yFindings(page)).join(" ")).toContain("button-name");
});

test("the policy finds a planted style and a planted markup", async ({ show, guard }) => {
  const page = await show("text");
  const thrown = await page.evaluate(() => {
    const style = document.createElement("style");
    style.textContent = "p { color: red }";
    document.head.append(style);
    try {
      document.body.innerHTML = "<p>planted</p>";
      return "";
    } catch (error) {
      return String(error);
    }
  });
  expect(thrown).toContain("TrustedHTML");
  const kinds = (await guard.taken()).map(({ detail }) => detail.split(" ")[0]);
  expect(kinds).toContain("style-src-elem");
  expect(kinds).toContain("require-trusted-types-for");
});
