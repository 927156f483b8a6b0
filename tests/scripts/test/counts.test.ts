import { describe, expect, it } from "vitest";
import { lineOf, playwrightCounts, sum, vitestCounts, withStatus } from "../../../scripts/test/counts.ts";

describe("INF-5 npm test counts what every runner says, in one last line", () => {
  it("adds up", () => {
    const total = sum([
      { passed: 7, failed: 0, skipped: 0 },
      { passed: 100, failed: 1, skipped: 2 },
      { passed: 30, failed: 0, skipped: 1 },
    ]);
    expect(lineOf(total)).toBe("137 passed, 1 failed, 3 skipped");
  });

  it("vitest: a suite that does not load is a failure, and is not counted beside its failed tests", () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 0,
      numFailedTestSuites: 1,
      numPendingTests: 1,
      numTodoTests: 1,
    };
    expect(vitestCounts(JSON.stringify(report))).toEqual({ passed: 3, failed: 1, skipped: 2 });
    const both = { ...report, numFailedTests: 2, numFailedTestSuites: 3 };
    expect(vitestCounts(JSON.stringify(both))?.failed).toBe(2);
  });

  it("Playwright: what passes at a second try has failed", () => {
    const stats = { expected: 12, unexpected: 1, flaky: 2, skipped: 3 };
    expect(playwrightCounts(JSON.stringify({ stats }))).toEqual({ passed: 12, failed: 3, skipped: 3 });
  });

  it.each(["", "{}", "null", "[1]", '{"stats":{}}', '{"numPassedTests":"3"}'])("a report that is none: %s", (text) => {
    expect(vitestCounts(text)).toBeUndefined();
    expect(playwrightCounts(text)).toBeUndefined();
  });

  it("a runner that ends badly has failed, though no test has", () => {
    const counts = { passed: 5, failed: 0, skipped: 0 };
    expect(withStatus(counts, 0)).toEqual(counts);
    expect(withStatus(counts, 1).failed).toBe(1);
    expect(withStatus(counts, null).failed).toBe(1);
    expect(withStatus({ ...counts, failed: 4 }, 1).failed).toBe(4);
  });
});
