import type { AttributeValue } from "./attribute-value.ts";
import { normaliseValue, scalarText } from "./attribute-value.ts";
import type { DataAccess, EnclosingOperation } from "./authorize.ts";
import { dataCheck } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { constraint, notImplemented, validation } from "./errors.ts";
import type { Input } from "./input.ts";
import { readList, readRequiredText, readStructures, required } from "./input.ts";
import type { Operation } from "./plan.ts";

/*
 * PartiQL is not run here. It is still authorized first, as AWS does it, so that a policy that forgot to deny it is
 * found by a 501 where an AccessDeniedException belongs.
 */

type PartiQlAction = "PartiQLSelect" | "PartiQLInsert" | "PartiQLUpdate" | "PartiQLDelete";

const NAME = String.raw`(?:"([^"]+)"|([A-Za-z0-9_.-]+?))`;
const TARGET = String.raw`${NAME}(?:\."?([A-Za-z0-9_-]{3,255})"?)?(?=[\s;{]|$)`;
const VERBS: readonly (readonly [PartiQlAction, RegExp])[] = [
  ["PartiQLSelect", new RegExp(String.raw`^\s*SELECT\b[\s\S]*?\bFROM\s+${TARGET}`, "i")],
  ["PartiQLInsert", new RegExp(String.raw`^\s*INSERT\s+INTO\s+${TARGET}`, "i")],
  ["PartiQLUpdate", new RegExp(String.raw`^\s*UPDATE\s+${TARGET}`, "i")],
  ["PartiQLDelete", new RegExp(String.raw`^\s*DELETE\s+FROM\s+${TARGET}`, "i")],
];

interface Target {
  readonly action: PartiQlAction;
  readonly table: string;
  readonly index: string | undefined;
}

function targetOf(statement: string): Target {
  for (const [action, pattern] of VERBS) {
    const match = pattern.exec(statement);
    const table = match?.[1] ?? match?.[2];
    if (table !== undefined) return { action, table, index: match?.[3] };
  }
  throw validation("Statement wasn't well formed, can't be processed: Unexpected keyword");
}

/**
 * The partition key values that a statement fixes: `hash = 'x'`, `hash = ?` in WHERE, or `'hash': ...` in VALUE. None
 * where OR or NOT could widen it: then it counts as a scan.
 */
function keysOf(statement: string, hash: string, parameters: readonly AttributeValue[]): string[] {
  const where = /\bWHERE\b([\s\S]*)$/i.exec(statement)?.[1] ?? /\bVALUE\b([\s\S]*)$/i.exec(statement)?.[1];
  if (where === undefined || /\b(?:OR|NOT)\b/i.test(where.replaceAll(/'(?:[^']|'')*'/g, "''"))) return [];
  const name = hash.replaceAll(/[^\w]/g, String.raw`\$&`);
  const equals = new RegExp(String.raw`(?<![\w."'])["']?${name}["']?\s*[=:]\s*(\?|'((?:[^']|'')*)')`);
  const match = equals.exec(where);
  if (match === null) return [];
  if (match[1] !== "?") return [(match[2] ?? "").replaceAll("''", "'")];
  const before = statement.slice(0, statement.length - where.length + match.index + match[0].length);
  const position = before.replaceAll(/'(?:[^']|'')*'/g, "").split("?").length - 2;
  const value = parameters[position];
  const text = value && scalarText(value);
  return text === undefined ? [] : [text];
}

function accessOf(engine: Engine, input: Input, enclosing: EnclosingOperation | undefined): DataAccess {
  const statement = readRequiredText(input, "Statement");
  const parameters = (readList(input, "Parameters") ?? []).map((value) => normaliseValue(value));
  const { action, table, index } = targetOf(statement);
  const known = engine.tables.find(table);
  const keys = index === undefined ? known : known?.indexes.find(({ name }) => name === index);
  const leadingKeys = keys === undefined ? [] : keysOf(statement, keys.hash, parameters);
  return {
    action,
    table,
    index,
    leadingKeys,
    attributes: [],
    enclosing,
    ...(action === "PartiQLSelect" ? { fullTableScan: leadingKeys.length === 0 } : {}),
  };
}

const partiQl =
  (member: "Statements" | "TransactStatements" | undefined, enclosing: EnclosingOperation | undefined): Operation =>
  (engine, input) => {
    const statements = member === undefined ? [input] : readStructures(input, member);
    if (statements === undefined) throw required(member ?? "Statement");
    if (statements.length === 0) {
      throw constraint("'[]'", "statements", "Member must have length greater than or equal to 1");
    }
    const accesses = statements.map((statement) => accessOf(engine, statement, enclosing));
    return {
      checks: accesses.map((access) => dataCheck(engine, access)),
      readOnly: accesses.every(({ action }) => action === "PartiQLSelect"),
      managementEvent: false,
      parameters: { tableNames: accesses.map(({ table }) => table) },
      run: () => {
        throw notImplemented("PartiQL");
      },
    };
  };

export const executeStatement = partiQl(undefined, undefined);
export const batchExecuteStatement = partiQl("Statements", "BatchExecuteStatement");
export const executeTransaction = partiQl("TransactStatements", "ExecuteTransaction");
