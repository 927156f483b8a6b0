import { defineConfig } from "vitest/config";
import LongestFirst from "./scripts/test/longest-first.ts";

/**
 * Files of tests/core that change what others see, or look at what others change: a package's own table, the methods of an
 * SDK's client, the environment, a server. Each has a process to itself.
 */
const ALONE = [
  "audit/fhir-audit-event",
  "cost/published-faults",
  "crypto/kms",
  "fhir/oracle",
  "iam/matrix",
  "identity/authorization-server",
  "policy/matrix",
  "privacy/vended",
  "record/counters",
  "table/dynamodb",
  "table/embedded",
  "view/view",
].map((name) => `tests/core/${name}.test.ts`);

/** For processes that load much and live half a minute: a heap that begins large, and code that is not compiled twice. */
const SHORT_LIVED = ["--min-semi-space-size=16", "--initial-old-space-size=128", "--no-flush-bytecode"];

export default defineConfig({
  test: {
    // For a busy machine: what takes two seconds alone has taken half a minute beside seven others.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 3,
    pool: "forks",
    execArgv: SHORT_LIVED,
    sequence: { sequencer: LongestFirst },
    projects: [
      // The rules are pure: their files share processes, and each module is loaded once a worker and not once a file.
      { extends: true, test: { name: "core", include: ["tests/core/**/*.test.ts"], exclude: ALONE, isolate: false } },
      { extends: true, test: { name: "alone", include: ALONE } },
      // Here Cedar is asked too little to be worth compiling well.
      {
        extends: true,
        test: { name: "whole", include: ["tests/!(core)/**/*.test.ts"], execArgv: ["--liftoff-only"] },
      },
    ],
  },
});
