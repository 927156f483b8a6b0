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

/**
 * The classes that have a key of their own; I rows hold no content, A and U are key pairs. U seals what the registry says
 * of people by name: a class of keys alone, so that no grant and no row of charts can be of it.
 */
export const KEYED_CLASSES = ["C", "S", "B", "D", "X", "A", "U"] as const;
export type KeyedClass = (typeof KEYED_CLASSES)[number];

/** Every letter that a partition's key may have. */
export const PARTITION_CLASSES = [...DATA_CLASSES, "U"] as const;
export type PartitionClass = (typeof PARTITION_CLASSES)[number];

/** Keyed by a pair: whoever writes seals with the public half, and cannot read back. */
export const PAIR_CLASSES = ["A", "U"] as const satisfies readonly KeyedClass[];
export type PairClass = (typeof PAIR_CLASSES)[number];
export const isPairClass = (letter: string): letter is PairClass => PAIR_CLASSES.some((pair) => pair === letter);
