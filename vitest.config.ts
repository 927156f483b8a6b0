import { defineConfig } from "vitest/config";
import LongestFirst from "./scripts/test/longest-first.ts";

/** Files of tests/core that change what others see, as by filling a package's own table: each has a process to itself. */
const ALONE = ["tests/core/audit/fhir-audit-event.test.ts", "tests/core/fhir/oracle.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 3,
    pool: "forks",
    sequence: { sequencer: LongestFirst },
    projects: [
      // The rules are pure: their files share processes, and each module is loaded once a worker and not once a file.
      { extends: true, test: { name: "core", include: ["tests/core/**/*.test.ts"], exclude: ALONE, isolate: false } },
      { extends: true, test: { name: "whole", include: ["tests/!(core)/**/*.test.ts", ...ALONE] } },
    ],
  },
});
