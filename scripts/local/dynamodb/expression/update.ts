import type { AttributeValue, Item } from "../attribute-value.ts";
import { attributeOf, setAttribute } from "../attribute-value.ts";
import { validation } from "../errors.ts";
import { addNumbers } from "../number.ts";
import type { ServiceError } from "../../service.ts";
import type { Expression, Path, Update } from "./ast.ts";
import { valueAt } from "./path.ts";

const invalidPath = (): ServiceError =>
  validation("The document path provided in the update expression is invalid for update");
const wrongType = (): ServiceError => validation("An operand in the update expression has an incorrect data type");

function evaluate(expression: Expression, item: Item): AttributeValue {
  switch (expression.kind) {
    case "value":
      return expression.value;
    case "path": {
      const value = valueAt(item, expression.path);
      if (value === undefined) {
        throw validation("The provided expression refers to an attribute that does not exist in the item");
      }
      return value;
    }
    case "if_not_exists":
      return valueAt(item, expression.path) ?? evaluate(expression.otherwise, item);
    case "list_append": {
      const first = evaluate(expression.first, item);
      const second = evaluate(expression.second, item);
      if (!("L" in first) || !("L" in second)) throw wrongType();
      return { L: [...first.L, ...second.L] };
    }
    case "+":
    case "-": {
      const left = evaluate(expression.left, item);
      const right = evaluate(expression.right, item);
      if (!("N" in left) || !("N" in right)) throw wrongType();
      return { N: addNumbers(left.N, right.N, expression.kind === "+" ? 1 : -1) };
    }
  }
}

type Container = Record<string, AttributeValue> | AttributeValue[];

/** A list or map of the draft: the value, and what is inside it. */
interface Owned {
  readonly value: AttributeValue;
  readonly inside: Container;
}

/** An item being changed: containers are copied the first time that a change goes through them, the rest is shared. */
class Draft {
  readonly root: Record<string, AttributeValue>;
  readonly #copies = new Set<Container>();

  constructor(item: Item) {
    this.root = { ...item };
    this.#copies.add(this.root);
  }

  #owned(value: AttributeValue): Owned | undefined {
    const inside = "M" in value ? value.M : "L" in value ? value.L : undefined;
    if (inside === undefined) return undefined;
    if (this.#copies.has(inside as Container)) return { value, inside: inside as Container };
    const copy: Container = Array.isArray(inside) ? inside.slice() : { ...(inside as Item) };
    this.#copies.add(copy);
    return { value: Array.isArray(copy) ? { L: copy } : { M: copy }, inside: copy };
  }

  /** The container that holds the last element of a path, ours to change. Throws where the path leads nowhere. */
  parentOf(path: Path): Container {
    let container: Container = this.root;
    for (let depth = 0; depth < path.length - 1; depth += 1) {
      const element = path[depth] as string | number;
      const value: AttributeValue | undefined = Array.isArray(container)
        ? typeof element === "number"
          ? container[element]
          : undefined
        : typeof element === "string"
          ? attributeOf(container, element)
          : undefined;
      const owned: Owned | undefined = value && this.#owned(value);
      if (owned === undefined) throw invalidPath();
      if (owned.value !== value) {
        if (Array.isArray(container)) container[element as number] = owned.value;
        else setAttribute(container, element as string, owned.value);
      }
      container = owned.inside;
    }
    if (Array.isArray(container) !== (typeof path.at(-1) === "number")) throw invalidPath();
    return container;
  }

  set(path: Path, value: AttributeValue): void {
    const parent = this.parentOf(path);
    const last = path.at(-1) as string | number;
    if (!Array.isArray(parent)) setAttribute(parent, last as string, value);
    else if ((last as number) < parent.length) parent[last as number] = value;
    else parent.push(value);
  }
}

type SetType = "SS" | "NS" | "BS";
const SET_TYPES: readonly SetType[] = ["SS", "NS", "BS"];

function setMembers(value: AttributeValue): { type: SetType; members: readonly string[] } | undefined {
  const type = SET_TYPES.find((candidate) => candidate in value);
  return type && { type, members: (value as Record<SetType, readonly string[]>)[type] };
}

const setValue = (type: SetType, members: readonly string[]): AttributeValue =>
  ({ [type]: members }) as unknown as AttributeValue;

function added(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (current === undefined) return value;
  if ("N" in value) {
    if (!("N" in current)) throw wrongType();
    return { N: addNumbers(current.N, value.N, 1) };
  }
  const more = setMembers(value);
  const present = setMembers(current);
  if (more === undefined || present?.type !== more.type) throw wrongType();
  return setValue(more.type, [...new Set([...present.members, ...more.members])]);
}

/** What DELETE leaves of a set; undefined when nothing is left. */
function withoutMembers(current: AttributeValue, value: AttributeValue): AttributeValue | undefined {
  const less = setMembers(value);
  const present = setMembers(current);
  if (less === undefined || present?.type !== less.type) throw wrongType();
  const gone = new Set(less.members);
  const left = present.members.filter((member) => !gone.has(member));
  return left.length === 0 ? undefined : setValue(present.type, left);
}

/**
 * The item after an update: every right side is read from the item before it, list elements are removed by the indexes
 * that they had. `item` is not changed. Throws ValidationException for paths and types that do not fit.
 */
export function applyUpdate(update: Update, item: Item): Item {
  const draft = new Draft(item);
  const sets = update.set.map(({ path, value }) => ({ path, value: evaluate(value, item) }));
  // Elements past the end are appended in the order of their indexes.
  sets.sort((a, b) => {
    const left = a.path.at(-1);
    const right = b.path.at(-1);
    return typeof left === "number" && typeof right === "number" ? left - right : 0;
  });
  for (const { path, value } of sets) draft.set(path, value);
  for (const { path, value } of update.add) draft.set(path, added(valueAt(item, path), value));

  const removals: { list: AttributeValue[]; index: number }[] = [];
  const remove = (path: Path): void => {
    const parent = draft.parentOf(path);
    const last = path.at(-1) as string | number;
    if (Array.isArray(parent)) removals.push({ list: parent, index: last as number });
    else if (Object.hasOwn(parent, last)) delete parent[last as string];
  };
  for (const { path, value } of update.delete) {
    const current = valueAt(item, path);
    if (current === undefined) {
      draft.parentOf(path);
      continue;
    }
    const left = withoutMembers(current, value);
    if (left === undefined) remove(path);
    else draft.set(path, left);
  }
  for (const path of update.remove) remove(path);
  removals.sort((a, b) => b.index - a.index);
  for (const { list, index } of removals) list.splice(index, 1);
  return draft.root;
}
