import path from "node:path";
import { stripVTControlCharacters } from "node:util";

/** What a runner says of its tests. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each with the file, its title and the first lines of why. */
  readonly failures: readonly string[];
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
/** For what could not be run at all. */
export const failedBecause = (why: string): Counts => ({ ...NONE, failed: 1, failures: [why] });

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
      failures: [...total.failures, ...one.failures],
    }),
    NONE,
  );

/** The one line that ends `npm test`. */
export const lineOf = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** A runner that ends badly without a failed test (a leaked rejection, a crash) is a failure too. */
export const withStatus = (counts: Counts, status: number | null): Counts =>
  status === 0 || counts.failed > 0
    ? counts
    : {
        ...counts,
        ...failedBecause(`no test failed, and the runner ended with ${status ?? "a signal"}`),
        passed: counts.passed,
      };

const WHY_LINES = 12;
const failure = (file: string, title: string, why: string): string =>
  `${path.relative(process.cwd(), file)} > ${title}\n${stripVTControlCharacters(why).split("\n", WHY_LINES).join("\n")}`;

type Report = Readonly<Record<string, unknown>>;
const list = (value: unknown): readonly Report[] => (Array.isArray(value) ? (value as readonly Report[]) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

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
    failures: list(counted["testResults"]).flatMap((file) => {
      const failed = list(file["assertionResults"]).filter(({ status }) => status === "failed");
      const name = text(file["name"]);
      if (failed.length === 0)
        return file["status"] === "failed" ? [failure(name, "(the file)", text(file["message"]))] : [];
      return failed.map((test) =>
        failure(name, text(test["fullName"]), [test["failureMessages"]].flat().map(text).join("\n")),
      );
    }),
  };
}

/** Of Playwright's JSON report; undefined for a text that is none. A test that passes at a second try has failed. */
export function playwrightCounts(report: string): Counts | undefined {
  const counted = parsed(report);
  const stats = counted?.["stats"] as Report | undefined;
  if (typeof stats?.["expected"] !== "number") return undefined;
  const number = (name: string): number => Number(stats[name] ?? 0);
  return {
    passed: number("expected"),
    failed: number("unexpected") + number("flaky"),
    skipped: number("skipped"),
    failures: list(counted?.["suites"]).flatMap(playwrightFailures),
  };
}

const playwrightFailures = (suite: Report): readonly string[] => [
  ...list(suite["suites"]).flatMap(playwrightFailures),
  ...list(suite["specs"]).flatMap((spec) =>
    list(spec["tests"])
      .filter(({ status }) => status === "unexpected" || status === "flaky")
      .map((test) => {
        const errors = list(test["results"]).flatMap((result) =>
          list(result["errors"]).map((each) => text(each["message"])),
        );
        return failure(path.resolve("tests/web", text(spec["file"])), text(spec["title"]), errors.join("\n"));
      }),
  ),
];

function parsed(report: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(report);
    return typeof value === "object" && value !== null ? (value as Report) : undefined;
  } catch {
    return undefined;
  }
}
