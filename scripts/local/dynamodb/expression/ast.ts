import type { AttributeValue } from "../attribute-value.ts";

/** Attribute names and list indexes from the item's root; the first is always a name. */
export type Path = readonly (string | number)[];

export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "size"; readonly of: Operand };

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Condition =
  | { readonly kind: "and" | "or"; readonly terms: readonly Condition[] }
  | { readonly kind: "not"; readonly term: Condition }
  | { readonly kind: "compare"; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "between"; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: "in"; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: "attribute_exists" | "attribute_not_exists"; readonly path: Path }
  | { readonly kind: "attribute_type"; readonly operand: Operand; readonly type: string }
  | { readonly kind: "begins_with" | "contains"; readonly operand: Operand; readonly part: Operand };

/** The right side of SET. */
export type Expression =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "if_not_exists"; readonly path: Path; readonly otherwise: Expression }
  | { readonly kind: "list_append"; readonly first: Expression; readonly second: Expression }
  | { readonly kind: "+" | "-"; readonly left: Expression; readonly right: Expression };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: Expression }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: AttributeValue }[];
  readonly delete: readonly { readonly path: Path; readonly value: AttributeValue }[];
  /** Every path above, for ReturnValues UPDATED_OLD and UPDATED_NEW. */
  readonly paths: readonly Path[];
}
