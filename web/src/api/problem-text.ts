import type { Say } from "../i18n/index.ts";
import { problemMessages } from "./messages.ts";
import type { Problem, ProblemIssue } from "./problem.ts";

export type ProblemKey = keyof typeof problemMessages.en;

/** Rules that an area's own screens have words for: rule to sentence. */
export type RuleTexts = Readonly<Record<string, string>>;

const isKey = (key: string): key is ProblemKey => Object.hasOwn(problemMessages.en, key);

/**
 * A problem in plain words: by its rule where somebody wrote a sentence for it, else by its kind. The server's own
 * sentence stands where a rule was broken that has no words in this language yet: it names the way out.
 */
export function problemText(problem: Problem, t: Say<ProblemKey>, rules: RuleTexts = {}): string {
  const { rule, kind, title } = problem;
  if (rule !== undefined) {
    const own = rules[rule];
    if (own !== undefined) return own;
    const key = `rule.${rule}`;
    if (isKey(key)) return t(key);
    if (title !== undefined && title !== "") return title;
  }
  return t(`kind.${kind}`);
}

/** What is wrong with one field. */
export function issueText(issue: ProblemIssue, t: Say<ProblemKey>, rules: RuleTexts = {}): string {
  const own = rules[issue.code];
  if (own !== undefined) return own;
  const key = `issue.${issue.code}`;
  if (isKey(key)) return t(key);
  return issue.text === "" ? t("issue.other") : issue.text;
}
