import { malformedXml, notImplemented } from "./errors.ts";

/** An element of a request body. Attributes are dropped: S3's schemas have none that matter here. */
export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

const MAX_DEPTH = 16;
const NAME = "[A-Za-z_][A-Za-z0-9_.:-]*";
const TOKEN = new RegExp(
  `<\\?[^>]*\\?>|<!--[\\s\\S]*?-->|<(/?)(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>|([^<]+)`,
  "y",
);
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]{2,4});|&/g, (_whole, name: string | undefined) => {
    if (name === undefined) throw malformedXml();
    if (!name.startsWith("#")) {
      const character = ENTITIES[name];
      if (character === undefined) throw malformedXml();
      return character;
    }
    const code = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (code === 0 || code > 0x10ffff) throw malformedXml();
    return String.fromCodePoint(code);
  });
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

/**
 * Parses one XML document. No DTD, no entities but the five of XML, at most 16 levels.
 * Throws MalformedXML. Namespace prefixes are cut from names.
 */
export function parseXml(bytes: Buffer): Element {
  const source = bytes.toString("utf8").replace(/^\uFEFF/, "");
  const stack: OpenElement[] = [{ name: "", text: "", children: [] }];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (match === null) throw malformedXml();
    const [, closing, qualified, , selfClosing, text] = match;
    const top = stack.at(-1);
    if (top === undefined) throw malformedXml();
    if (text !== undefined) {
      top.text += unescape(text);
    } else if (qualified !== undefined) {
      const name = qualified.slice(qualified.indexOf(":") + 1);
      if (closing === "/") {
        const parent = stack.at(-2);
        if (parent === undefined || top.name !== name) throw malformedXml();
        stack.pop();
        parent.children.push(top);
      } else if (selfClosing === "/") {
        top.children.push({ name, text: "", children: [] });
      } else {
        if (stack.length > MAX_DEPTH) throw malformedXml();
        stack.push({ name, text: "", children: [] });
      }
    }
  }
  const [outside, ...unclosed] = stack;
  const [root, ...others] = outside?.children ?? [];
  if (root === undefined || others.length > 0 || unclosed.length > 0 || outside?.text.trim() !== "")
    throw malformedXml();
  return root;
}

/** The body as an element called `name`. Throws MalformedXML. */
export function parseBody(body: Buffer, name: string): Element {
  const root = parseXml(body);
  if (root.name !== name) throw malformedXml();
  return root;
}

/** What this S3 does not know inside a body could change its meaning: 501. */
export function refuseUnknownChildren(element: Element, known: readonly string[]): void {
  if (element.children.some((child) => !known.includes(child.name))) throw notImplemented("element");
}

/** The only child of that name, or undefined. Throws MalformedXML when there are several. */
export function optionalChild(element: Element, name: string): Element | undefined {
  const found = element.children.filter((child) => child.name === name);
  if (found.length > 1) throw malformedXml();
  return found[0];
}

/** The trimmed text of the only child of that name, or undefined. */
export const optionalText = (element: Element, name: string): string | undefined =>
  optionalChild(element, name)?.text.trim();

export function requiredChild(element: Element, name: string): Element {
  const child = optionalChild(element, name);
  if (child === undefined) throw malformedXml();
  return child;
}

/** A whole number without sign, or undefined when the child is absent. Throws MalformedXML. */
export function optionalNumber(element: Element, name: string): number | undefined {
  const text = optionalText(element, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw malformedXml();
  return Number(text);
}

/** `true` or `false`; absent is false. Throws MalformedXML. */
export function booleanChild(element: Element, name: string): boolean {
  const text = optionalText(element, name)?.toLowerCase();
  if (text === undefined || text === "false") return false;
  if (text === "true") return true;
  throw malformedXml();
}
