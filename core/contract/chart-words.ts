/** What a browser reads of the chart's contract at run time: codes, measures, words and answers, and no schema. */
export * from "./chart/answers.ts";
export * from "./chart/codes.ts";
export * from "./chart/measures.ts";
export * from "./chart/vocabulary.ts";
