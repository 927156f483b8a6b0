import type { ConsentIssue, ConsentRuleName } from "./issue.ts";

/** Ends a compilation at the first element that would not be enforced. Caught at the door of the folder. */
export class ConsentFault extends Error {
  override readonly name = "ConsentFault";
  readonly issue: ConsentIssue;
  constructor(issue: ConsentIssue) {
    super(issue.rule);
    this.issue = issue;
  }
}

export const fault = (rule: ConsentRuleName, path: string): ConsentFault =>
  new ConsentFault({ kind: "business-rule", rule, path });
