/** What a runner says of its tests. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };
/** For what could not be run at all. */
export const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    NONE,
  );

/** The one line that ends `npm test`. */
export const lineOf = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** A runner that ends badly without a failed test (a leaked rejection, a crash) is a failure too. */
export const withStatus = (counts: Counts, status: number | null): Counts =>
  status === 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) };

/** Of vitest's JSON report; undefined for a text that is none. */
export function vitestCounts(report: string): Counts | undefined {
  const counted = parsed(report);
  if (counted === undefined || typeof counted["numPassedTests"] !== "number") return undefined;
  const number = (name: string): number => Number(counted[name] ?? 0);
  return {
    passed: number("numPassedTests"),
    // A suite that could not be loaded counts among the failed suites alone.
    failed: number("numFailedTests") > 0 ? number("numFailedTests") : number("numFailedTestSuites"),
    skipped: number("numPendingTests") + number("numTodoTests"),
  };
}

/** Of Playwright's JSON report; undefined for a text that is none. A test that passes at a second try has failed. */
export function playwrightCounts(report: string): Counts | undefined {
  const stats = parsed(report)?.["stats"] as Readonly<Record<string, unknown>> | undefined;
  if (typeof stats?.["expected"] !== "number") return undefined;
  const number = (name: string): number => Number(stats[name] ?? 0);
  return { passed: number("expected"), failed: number("unexpected") + number("flaky"), skipped: number("skipped") };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
