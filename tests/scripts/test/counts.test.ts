import path from "node:path";
import { describe, expect, it } from "vitest";
import { lineOf, playwrightCounts, sum, vitestCounts, withStatus } from "../../../scripts/test/counts.ts";

describe("INF-5 npm test counts what every runner says, in one last line", () => {
  it("adds up", () => {
    const total = sum([
      { passed: 7, failed: 0, skipped: 0, failures: [] },
      { passed: 100, failed: 1, skipped: 2, failures: ["a"] },
      { passed: 30, failed: 1, skipped: 1, failures: ["b"] },
    ]);
    expect(lineOf(total)).toBe("137 passed, 2 failed, 3 skipped");
    expect(total.failures).toEqual(["a", "b"]);
  });

  it("vitest: a suite that does not load is a failure, and is not counted beside its failed tests", () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 0,
      numFailedTestSuites: 1,
      numPendingTests: 1,
      numTodoTests: 1,
    };
    expect(vitestCounts(JSON.stringify(report))).toMatchObject({ passed: 3, failed: 1, skipped: 2 });
    const both = { ...report, numFailedTests: 2, numFailedTestSuites: 3 };
    expect(vitestCounts(JSON.stringify(both))?.failed).toBe(2);
  });

  it("Playwright: what passes at a second try has failed", () => {
    const stats = { expected: 12, unexpected: 1, flaky: 2, skipped: 3 };
    expect(playwrightCounts(JSON.stringify({ stats }))).toMatchObject({ passed: 12, failed: 3, skipped: 3 });
  });

  it.each(["", "{}", "null", "[1]", '{"stats":{}}', '{"numPassedTests":"3"}'])("a report that is none: %s", (text) => {
    expect(vitestCounts(text)).toBeUndefined();
    expect(playwrightCounts(text)).toBeUndefined();
  });

  it("a runner that ends badly has failed, though no test has", () => {
    const counts = { passed: 5, failed: 0, skipped: 0, failures: [] };
    expect(withStatus(counts, 0)).toEqual(counts);
    expect(withStatus(counts, 1)).toEqual({
      ...counts,
      failed: 1,
      failures: ["no test failed, and the runner ended with 1"],
    });
    expect(withStatus(counts, null).failures).toEqual(["no test failed, and the runner ended with a signal"]);
    expect(withStatus({ ...counts, failed: 4 }, 1).failed).toBe(4);
  });

  it("vitest: what failed is told with file, title and why, without colours and not at full length", () => {
    const report = {
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [
        {
          name: path.resolve("tests/a.test.ts"),
          status: "failed",
          assertionResults: [
            { status: "passed", fullName: "holds", failureMessages: [] },
            {
              status: "failed",
              fullName: "part does not",
              failureMessages: [`\u001B[31mexpected 1\u001B[39m\n${"at x\n".repeat(40)}`],
            },
          ],
        },
        { name: path.resolve("tests/b.test.ts"), status: "failed", message: "cannot be loaded", assertionResults: [] },
        { name: path.resolve("tests/c.test.ts"), status: "passed", message: "", assertionResults: [] },
      ],
    };
    expect(vitestCounts(JSON.stringify(report))?.failures).toEqual([
      `tests/a.test.ts > part does not\nexpected 1${"\nat x".repeat(11)}`,
      "tests/b.test.ts > (the file)\ncannot be loaded",
    ]);
  });

  it("Playwright: what failed is told wherever it stands in the report", () => {
    const ran = (title: string, status: string, ...messages: readonly string[]) => ({
      title,
      file: "board/board.spec.ts",
      tests: [{ status, results: [{ errors: messages.map((message) => ({ message })) }] }],
    });
    const report = {
      stats: { expected: 1, unexpected: 1, flaky: 1, skipped: 0 },
      suites: [
        {
          specs: [ran("holds", "expected")],
          suites: [{ specs: [ran("falls", "unexpected", "no button", "and more")] }],
        },
        { specs: [ran("wavers", "flaky", "once")] },
      ],
    };
    expect(playwrightCounts(JSON.stringify(report))?.failures).toEqual([
      "tests/web/board/board.spec.ts > falls\nno button\nand more",
      "tests/web/board/board.spec.ts > wavers\nonce",
    ]);
  });
});
