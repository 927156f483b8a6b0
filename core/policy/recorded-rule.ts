/** What comes before a rule of the second question, about the member for whom an assistant acts. */
export const DELEGATOR = "delegator:";

/** The Cedar rule that a recorded rule id names. */
export const ruleOf = (recorded: string): string =>
  recorded.startsWith(DELEGATOR) ? recorded.slice(DELEGATOR.length) : recorded;
