export * from "./finance/answers.ts";
export * from "./finance/models.ts";
export * from "./finance/requests.ts";
export * from "./finance/statement.ts";
export * from "./finance/vocabulary.ts";
