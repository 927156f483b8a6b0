import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { PlaceName } from "../../../core/contract/place-name.ts";
import { SENTENCES } from "../../../functions/http/problem.ts";
import { problemMessages } from "../../../web/src/api/messages.ts";
import { problemOf } from "../../../web/src/api/problem.ts";
import { issueText, problemText } from "../../../web/src/api/problem-text.ts";
import { say } from "../../../web/src/i18n/intl.ts";
import { isMessages, messageModules } from "./modules.ts";

/** Rules that no form of the portal can break, and where they are met instead. */
const MET_ELSEWHERE = {
  "in the FHIR zone, by systems and the command line": [
    "bundle-read",
    "bundle-size",
    "consent-code",
    "consent-element",
    "consent-empty",
    "consent-own-access",
    "consent-period",
    "consent-reference",
    "document-door",
    "document-sealed",
    "id-mismatch",
    "id-reserved",
    "include-size",
    "note-door",
    "one-patient",
    "patient-changed",
    "reference-external",
    "relabel-size",
    "search-patients",
    "search-size",
    "search-without-patient",
    "segmented-without-patient",
    "time-taken",
    "transaction-mixed-too-large",
    "type-mismatch",
  ],
  "by operators of the platform": [
    "approval-unknown",
    "profile-unknown",
    "region-not-served",
    "role-tenant",
    "tenant-required",
    "tier-not-placeable",
  ],
  "in headers, addresses and tokens, which the portal makes itself": [
    "audit-query",
    "cost-level",
    "cursor",
    "free-times",
    "idempotency-key",
    "if-match",
    "month",
    "no-passkey",
    "no-session",
    "no-step-up",
    "patient-zone",
    "preview-session",
    "purpose",
    "reason",
    "section",
    "timeline-kind",
  ],
  "with words of their own: a kind of problem, the place in a file, what stands in the way of a merge": [
    "bill",
    "merge-chain",
    "session-changed",
  ],
  "by links to files": ["export-empty", "export-format", "export-size"],
  "in lists that a screen takes from the server's own answer": [
    "merge-itself",
    "note-section",
    "reconcile-dosage",
    "reconcile-other-list",
    "unknown-question",
  ],
} as const;

const elsewhere: readonly string[] = Object.values(MET_ELSEWHERE).flat();

/** Rules that a schema of the contract names for a field: a name that a spreadsheet would run, hours that overlap. */
function rulesOfFields(): string[] {
  const contract = path.resolve(import.meta.dirname, "../../../core/contract");
  const files = readdirSync(contract, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) =>
    [...readFileSync(path.join(contract, file), "utf8").matchAll(/params: \{ rule: "([a-z-]+)"/g)].map(
      ([, rule = ""]) => rule,
    ),
  );
}

/** What the portal has words for, in both languages: `rule.x` and `issue.x`, and `x` in sentences that are all of rules. */
async function spokenRules(): Promise<ReadonlySet<string>> {
  const spoken = (await messageModules()).flatMap(({ exported }) =>
    Object.entries(exported).flatMap(([name, messages]) => {
      if (!isMessages(messages)) return [];
      const { en, es } = messages;
      const isOfRules = name.endsWith("Rules");
      return Object.keys(en).flatMap((key) => {
        const rule = isOfRules ? key : /^(?:rule|issue)\.(.+)$/.exec(key)?.[1];
        return rule === undefined || en[key] === "" || (es[key] ?? "") === "" ? [] : [rule];
      });
    }),
  );
  return new Set(spoken);
}

describe("problems in words", () => {
  it("UIX-3 every rule that a form can break has a sentence in English and Spanish", async () => {
    const [spoken, ofFields] = [await spokenRules(), rulesOfFields()];
    const rules = [...new Set([...Object.keys(SENTENCES), ...ofFields])];
    expect(ofFields).toContain("name-formula");
    expect(rules.filter((rule) => !spoken.has(rule) && !elsewhere.includes(rule))).toEqual([]);
    // What has got words, or is no rule any more, is no exception any more.
    expect(elsewhere.filter((rule) => spoken.has(rule) || !rules.includes(rule))).toEqual([]);
  });

  it.each(["en", "es"] as const)("a name that begins like a formula is refused in words (%s)", (language) => {
    const [issue] = PlaceName(80).safeParse("=cmd").error?.issues ?? [];
    const rule = issue?.code === "custom" ? String(issue.params?.["rule"]) : "";
    const problem = problemOf(400, new Headers(), { code: "structure", fields: [{ path: "name", rule }] });
    const t = (key: keyof typeof problemMessages.en): string => say(problemMessages, key, language, "UTC");
    expect(problem.issues.map((each) => issueText(each, t))).toEqual([problemMessages[language]["issue.name-formula"]]);
    expect(problemText(problem, t)).toBe(problemMessages[language]["kind.invalid"]);
  });
});
