import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const screens = path.resolve(import.meta.dirname, "../../../web/src/screens");

/** Comments and texts out of the way: what is left is code. */
const codeOf = (text: string): string =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|[^:"])\/\/.*$/gm, "$1")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, "``");

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  /** Looked for in the text as it stands, where texts matter. */
  readonly inText?: boolean;
}

/** What a screen is never made of: everything that is seen comes from the catalogue, and nothing is kept or run. */
const RULES: readonly Rule[] = [
  { name: "an element that is not of the catalogue", pattern: /(?:^|[\s({[>=&?:,;|!])<\/?[a-z][\w.-]*[\s/>]/m },
  { name: "markup from a text", pattern: /dangerouslySetInnerHTML|\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML/ },
  { name: "a style", pattern: /\bstyle=|\bclassName=|\.style\b/ },
  { name: "an element made by hand", pattern: /\bcreateElement\b|\bcreatePortal\b|document\s*\.\s*write/ },
  { name: "something that stays in the browser", pattern: /\b(localStorage|sessionStorage|indexedDB|caches|cookie)\b/ },
  { name: "the title of the page", pattern: /document\s*\.\s*title|<title/ },
  { name: "the console", pattern: /\bconsole\s*\./ },
  { name: "code from a text", pattern: /\beval\s*\(|\bnew\s+Function\b|setTimeout\s*\(\s*""/ },
  { name: "a request of its own", pattern: /\bfetch\s*\(|XMLHttpRequest|\bWebSocket\b|sendBeacon|EventSource/ },
  {
    name: "a library behind the catalogue",
    pattern: /from "(@mantine|react-dom|@tanstack|react-hook-form|react-intl)/,
    inText: true,
  },
  { name: "a style sheet of its own", pattern: /from "[^"]+\.css"|import "[^"]+\.css"/, inText: true },
];

const findings = (name: string, text: string): string[] =>
  RULES.filter(({ pattern, inText = false }) => pattern.test(inText ? text : codeOf(text))).map(
    (rule) => `${name}: ${rule.name}`,
  );

describe("UIX-8 screens are made of the catalogue and of nothing else", () => {
  it("no screen has an element, a style, a store, a title, a log, or markup of its own", () => {
    const files = existsSync(screens)
      ? readdirSync(screens, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file))
      : [];
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap((file) => findings(file, readFileSync(path.join(screens, file), "utf8")))).toEqual([]);
    expect(readdirSync(screens, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".css"))).toEqual(
      [],
    );
  });

  it.each([
    ["a raw element", `return <div>{name}</div>;`],
    ["a raw element on a line of its own", `return (\n  <Stack>\n    <span>{name}</span>\n  </Stack>\n);`],
    ["a raw element that closes itself", `return <input />;`],
    ["markup from a text", `<Text dangerouslySetInnerHTML={{ __html: note }} />`],
    ["markup by hand", `ref.current.innerHTML = note;`],
    ["a style", `<Text style={{ color: "red" }} />`],
    ["a class", `<Text className="red" />`],
    ["local storage", `localStorage.setItem("draft", note);`],
    ["a database", `const db = indexedDB.open("notes");`],
    ["the title", `document.title = patient.name;`],
    ["a log", `console.log(patient);`],
    ["code from a text", `eval(rule);`],
    ["a request", `await fetch("/clinic/patients");`],
    ["Mantine", `import { Button } from "@mantine/core";`],
    ["a style sheet", `import css from "./board.module.css";`],
  ])("finds %s", (_title, line) => {
    expect(findings("planted.tsx", `export const planted = 1;\n${line}\n`)).toHaveLength(1);
  });

  it.each([
    ["a component", `return <Text>{name}</Text>;`],
    ["a type argument", `const known = new Map<string, number>();`],
    ["a generic component", `const List = <Item,>(props: ListProps<Item>) => <Stack />;`],
    ["a comparison", `if (low < high) return null;`],
    ["a sentence", `const text = "The <b> of it";`],
    ["a comment", `// console.log is not used here, nor <div>`],
  ])("has nothing against %s", (_title, line) => {
    expect(findings("clean.tsx", `${line}\n`)).toEqual([]);
  });
});
