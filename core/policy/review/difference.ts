import { RoleName } from "../../contract/platform.ts";
import type { PolicySet } from "../policy-set.ts";
import { matrixOf, type Row, situationsOf } from "./matrix.ts";
import { type Kind, rulesOf, sliceOf } from "./rules.ts";
import { type Space, spaceOf } from "./space.ts";

/** What changes for whom between two sets of policies. */
export interface PolicyDifference {
  readonly from: string;
  readonly to: string;
  /** Rules by what became of their text. */
  readonly rules: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
  };
  /** Rows in which at least one answer changes. */
  readonly cells: readonly CellDifference[];
}

export interface CellDifference extends Omit<Row, "marks"> {
  /** Situations in which what was refused is permitted. */
  readonly gained: readonly string[];
  /** Situations in which what was permitted is refused. */
  readonly lost: readonly string[];
}

const KINDS: readonly Kind[] = ["records", "clinic", "platform"];
/** An assistant is asked with the roles of the member that it acts for, too. */
const rolesAsked = (role: string): readonly string[] =>
  role === RoleName.enum.assistant ? [role, RoleName.enum.nurse, RoleName.enum.physician] : [role];

/** The roles for which some rule that can match is another one: nobody else can be answered differently. */
function touchedRoles(from: PolicySet, to: PolicySet, kind: Kind, roles: readonly string[]): string[] {
  if (from.schema !== to.schema) return [...roles];
  const [before, after] = [rulesOf(from), rulesOf(to)];
  return roles.filter(
    (role) =>
      sliceOf(from, before, { kind, roles: rolesAsked(role) }).version !==
      sliceOf(to, after, { kind, roles: rolesAsked(role) }).version,
  );
}

/** The rows of a set in the part of the space in which two sets can differ. */
function rowsOf(set: PolicySet, parts: readonly Space[]): Map<string, Row> {
  return new Map(parts.flatMap((part) => matrixOf(set, part).map((row) => [nameOf(row), row] as const)));
}

const nameOf = ({ kind, role, action, class: recordClass, type, purpose }: Omit<Row, "marks">): string =>
  [kind, role, action, recordClass, type, purpose].join(" ");

function cellOf(before: Row | undefined, after: Row | undefined): CellDifference | undefined {
  const row = before ?? after;
  if (row === undefined) return undefined;
  const { marks: _marks, ...cell } = row;
  const names = situationsOf(row.kind).map(({ name }) => name);
  const changed = (from: Row | undefined, to: Row | undefined): string[] =>
    names.filter((_, at) => from?.marks[at] !== "Y" && to?.marks[at] === "Y");
  const [gained, lost] = [changed(before, after), changed(after, before)];
  return gained.length + lost.length === 0 ? undefined : { ...cell, gained, lost };
}

/**
 * The semantic difference between two sets: not which lines differ, but which answers. Equal sets, and sets that differ in
 * words alone, have no cells.
 */
export function differenceOf(from: PolicySet, to: PolicySet, space: Space = spaceOf([from, to])): PolicyDifference {
  const parts = KINDS.map((kind) => ({
    ...space,
    roles: touchedRoles(from, to, kind, space.roles),
    actions: { records: [], clinic: [], platform: [], [kind]: space.actions[kind] },
  }));
  const [before, after] = [rowsOf(from, parts), rowsOf(to, parts)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const ids = [...new Set([...Object.keys(from.policies), ...Object.keys(to.policies)])].toSorted();
  return {
    from: from.version,
    to: to.version,
    rules: {
      added: ids.filter((id) => !(id in from.policies)),
      removed: ids.filter((id) => !(id in to.policies)),
      changed: ids.filter((id) => id in from.policies && id in to.policies && from.policies[id] !== to.policies[id]),
    },
    cells: names.flatMap((name) => cellOf(before.get(name), after.get(name)) ?? []),
  };
}
