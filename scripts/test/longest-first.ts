import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first. In seconds of two processors they are half of the suite. */
export const LONG: readonly string[] = [
  "tests/security/authorization-matrix.test.ts",
  "tests/e2e/start.test.ts",
  "tests/security/export-abuse.test.ts",
  "tests/e2e/crash.test.ts",
  "tests/security/tenant-isolation.test.ts",
  "tests/security/input.test.ts",
  "tests/security/concurrency.test.ts",
  "tests/core/policy/matrix.test.ts",
  "tests/golden/counters.test.ts",
  "tests/e2e/import.test.ts",
  "tests/security/sign-in-audit.test.ts",
  "tests/security/break-glass.test.ts",
  "tests/security/audit-completeness.test.ts",
  "tests/security/ciphertext-at-rest.test.ts",
  "tests/e2e/soak.test.ts",
  "tests/stacks/plan.test.ts",
  "tests/security/authentication.test.ts",
  "tests/core/iam/matrix.test.ts",
];

/** `files` with the long ones before all others, and the others in their order. */
export function longestFirst<T>(files: readonly T[], nameOf: (file: T) => string): T[] {
  const rank = (file: T): number => {
    const at = LONG.findIndex((long) => nameOf(file).endsWith(`/${long}`));
    return at < 0 ? LONG.length : at;
  };
  return files.toSorted((left, right) => rank(left) - rank(right));
}

/**
 * The order of the test files. Vitest knows how long they took where it ran them before; a fresh checkout has only their
 * sizes, and the longest are small files over a folder of their own: begun last, one of them runs alone at the end.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files), ({ moduleId }) => moduleId);
  }
}
