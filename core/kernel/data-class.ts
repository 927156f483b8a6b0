/**
 * The letter in a partition key that lets IAM part what roles may see.
 * C clinical, S segmented (42 CFR Part 2, psychotherapy and other special categories), B billing,
 * D demographics and scheduling, X search tokens, I idempotency and transaction markers, A audit.
 */
export const DATA_CLASSES = ["C", "S", "B", "D", "X", "I", "A"] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** The classes whose rows hold sealed records. */
export const RECORD_CLASSES = ["C", "S", "B", "D"] as const;
export type RecordClass = (typeof RECORD_CLASSES)[number];

/** The classes that have a data key of their own; I rows hold no content, A is an asymmetric pair. */
export const KEYED_CLASSES = ["C", "S", "B", "D", "X", "A"] as const;
export type KeyedClass = (typeof KEYED_CLASSES)[number];
