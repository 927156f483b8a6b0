/**
 * What a message or a task of ours is about. It decides the class in which the record lives, and with it who can reach
 * it at all: core/fhir/resource-types.ts.
 */
export const MESSAGE_CATEGORIES = ["administrative", "clinical", "prescription", "results", "billing"] as const;
export type MessageCategory = (typeof MESSAGE_CATEGORIES)[number];

const categories: ReadonlySet<unknown> = new Set(MESSAGE_CATEGORIES);
export const isMessageCategory = (value: unknown): value is MessageCategory => categories.has(value);
