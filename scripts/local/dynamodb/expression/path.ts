import type { AttributeValue, Item } from "../attribute-value.ts";
import { attributeOf, setAttribute } from "../attribute-value.ts";
import type { Path } from "./ast.ts";

/** The value at a path, or undefined where the item has none. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value = attributeOf(item, path[0] as string);
  for (let depth = 1; depth < path.length && value !== undefined; depth += 1) {
    const element = path[depth] as string | number;
    if (typeof element === "number") value = "L" in value ? value.L[element] : undefined;
    else value = "M" in value ? attributeOf(value.M, element) : undefined;
  }
  return value;
}

/** AWS's way to print a path: `[a, b, [0]]`. */
export const pathText = (path: Path): string =>
  `[${path.map((element) => (typeof element === "number" ? `[${element}]` : element)).join(", ")}]`;

/** Why two paths cannot stand in one expression, in AWS's words, or undefined. */
export function pathClash(one: Path, two: Path): string | undefined {
  const length = Math.min(one.length, two.length);
  const paths = (): string =>
    `must remove or rewrite one of these paths; path one: ${pathText(one)}, path two: ${pathText(two)}`;
  for (let depth = 0; depth < length; depth += 1) {
    if (typeof one[depth] !== typeof two[depth]) return `Two document paths conflict with each other; ${paths()}`;
    if (one[depth] !== two[depth]) return undefined;
  }
  return `Two document paths overlap with each other; ${paths()}`;
}

interface Node {
  readonly children: Map<string | number, Node>;
}

/** The parts of an item that some paths name, as a tree that `projectItem` walks. */
export type PathTree = Node;

export function pathTree(paths: readonly Path[]): PathTree {
  const root: Node = { children: new Map() };
  for (const path of paths) {
    let node = root;
    for (const element of path) {
      let next = node.children.get(element);
      if (next === undefined) {
        next = { children: new Map() };
        node.children.set(element, next);
      }
      node = next;
    }
  }
  return root;
}

function projectValue(value: AttributeValue, node: Node): AttributeValue | undefined {
  if (node.children.size === 0) return value;
  if ("M" in value) {
    const kept = projectMap(value.M, node);
    return Object.keys(kept).length === 0 ? undefined : { M: kept };
  }
  if ("L" in value) {
    const elements: AttributeValue[] = [];
    const indexes = [...node.children.keys()].filter((element) => typeof element === "number");
    for (const index of indexes.toSorted((a, b) => a - b)) {
      const element = value.L[index];
      const kept = element && projectValue(element, node.children.get(index) as Node);
      if (kept !== undefined) elements.push(kept);
    }
    return elements.length === 0 ? undefined : { L: elements };
  }
  return undefined;
}

function projectMap(map: Item, node: Node): Item {
  const kept: Record<string, AttributeValue> = {};
  for (const [name, child] of node.children) {
    if (typeof name !== "string") continue;
    const value = attributeOf(map, name);
    const part = value && projectValue(value, child);
    if (part !== undefined) setAttribute(kept, name, part);
  }
  return kept;
}

/** What a ProjectionExpression leaves of an item: list elements close up in their order. */
export const projectItem = (item: Item, tree: PathTree): Item => projectMap(item, tree);
