import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { routeNames } from "../../core/contract/index.ts";

/**
 * Route table and handlers are put together of parts by spreading: where two parts have one name, the later one would
 * silently take the place of the earlier. Read as text, because a handler's module wants the environment of its Lambda.
 */
const root = path.resolve(import.meta.dirname, "../..");

/** The members of the object literal that opens at `from`; a member that is spread is named with its dots. */
function membersOf(text: string, from: number): readonly string[] {
  const members: string[] = [];
  let [depth, member, quote] = [0, "", ""];
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quote !== "") {
      if (char === "\\") at += 1;
      else if (char === quote) quote = "";
      continue;
    }
    if (text.startsWith("/*", at)) at = text.indexOf("*/", at) + 1;
    else if (text.startsWith("//", at)) at = text.indexOf("\n", at);
    else if (`"'\``.includes(char)) quote = char;
    else {
      const isEnd = "}])".includes(char) && (depth -= 1) === 0;
      if (depth === 1 && char !== ",") member += char;
      else if (depth === 1 || isEnd) {
        members.push(/^\s*(?:async\s+)?((?:\.\.\.)?\w+)/.exec(member)?.[1] ?? "");
        member = "";
      }
      if ("{[(".includes(char)) depth += 1;
      if (isEnd) break;
    }
  }
  return members.filter((name) => name !== "");
}

interface Part {
  readonly part: string;
  readonly names: readonly string[];
}

/** The object literals of a file that `opening` finds, by their members; `opening` ends before the brace. */
const partsIn = (file: string, text: string, opening: RegExp): readonly Part[] =>
  [...text.matchAll(opening)].map((found) => ({
    part: `${file} ${found[1] ?? ""}`.trim(),
    names: membersOf(text, found.index + found[0].length),
  }));

/** A sentence for each name that stands in two parts. */
function clashesOf(parts: readonly Part[]): readonly string[] {
  const first = new Map<string, string>();
  const clashes: string[] = [];
  for (const { part, names } of parts) {
    for (const name of names.filter((each) => !each.startsWith("..."))) {
      const before = first.get(name);
      if (before === undefined) first.set(name, part);
      else clashes.push(`${name} stands in ${before} and in ${part}`);
    }
  }
  return clashes;
}

function filesBelow(folder: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.posix.join(folder, file.replaceAll(path.sep, "/")))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), "utf8") }));
}

const ROUTES = /export const (\w*[rR]outes) = (?=\{)/g;
const HANDLERS = /export const (\w*[hH]andlers)(?:: [^=]+)? = (?=\{)/g;
const ENTRY = /\bendpoint\(\s*"(\w+)",\s*(?=\{)/g;

const routeParts = [
  ...filesBelow("core/contract/routes"),
  { file: "core/contract/routes.ts", text: readFileSync(path.join(root, "core/contract/routes.ts"), "utf8") },
].flatMap(({ file, text }) => partsIn(file, text, ROUTES));
const handlerParts = filesBelow("functions").flatMap(({ file, text }) => [
  ...partsIn(file, text, HANDLERS),
  ...partsIn(file, text, ENTRY),
]);
const namesOf = (parts: readonly Part[]): readonly string[] => parts.flatMap(({ names }) => names);
const spreadIn = (parts: readonly Part[]): ReadonlySet<string> =>
  new Set(namesOf(parts).flatMap((name) => (name.startsWith("...") ? [name.slice(3)] : [])));

describe("a name stands in one part of the contract, and in one part of its handlers", () => {
  it("routes", () => {
    expect(clashesOf(routeParts)).toEqual([]);
    const written = namesOf(routeParts).filter((name) => !name.startsWith("..."));
    expect(written.toSorted()).toEqual([...routeNames].toSorted());
  });

  it("handlers: each of the table's routes has one, and one only", () => {
    expect(clashesOf(handlerParts)).toEqual([]);
    const written = namesOf(handlerParts).filter((name) => !name.startsWith("..."));
    expect(written.toSorted()).toEqual([...routeNames].toSorted());
  });

  it("a part that is written is spread", () => {
    for (const parts of [routeParts, handlerParts]) {
      const own = parts.flatMap(({ part }) => /(\w+(?:Routes|Handlers))$/.exec(part)?.[1] ?? []);
      expect(own.filter((name) => !spreadIn(parts).has(name))).toEqual([]);
    }
  });

  it("the check finds a planted clash, whatever stands around the name", () => {
    const one = `export const noteRoutes = {
  // signNote, lockNote: { are in a comment
  readNote: { ...read, summary: "signNote, and } more", path: "/notes" },
  ...otherRoutes,
  signNote: { body: z.object({ readChart: 1 }) },
} as const;`;
    const two = `export const inboxRoutes = { listThreads, async signNote(exchange) { return [exchange, listThreads]; } };`;
    const parts = [...partsIn("one.ts", one, ROUTES), ...partsIn("two.ts", two, ROUTES)];
    expect(parts.map(({ names }) => names)).toEqual([
      ["readNote", "...otherRoutes", "signNote"],
      ["listThreads", "signNote"],
    ]);
    expect(clashesOf(parts)).toEqual(["signNote stands in one.ts noteRoutes and in two.ts inboxRoutes"]);
    const entry = partsIn("clinic.ts", `endpoint(\n  "clinic",\n  { readNote, ...noteHandlers },\n)`, ENTRY);
    expect(entry).toEqual([{ part: "clinic.ts clinic", names: ["readNote", "...noteHandlers"] }]);
  });
});
