/** XML as text that is already escaped. */
export type Xml = string & { readonly xml: true };

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Escapes text; control characters, which keys may hold, become character references as S3 writes them. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[<>&"']/g, (character) => ESCAPES[character] ?? character)
    .replace(/\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16)};`);

/** `<name>value</name>`; nothing where `value` is undefined. */
export const leaf = (name: string, value: string | number | boolean | undefined): Xml =>
  (value === undefined ? "" : `<${name}>${escapeXml(String(value))}</${name}>`) as Xml;

/** `<name>children</name>`. */
export const node = (name: string, children: readonly Xml[]): Xml => `<${name}>${children.join("")}</${name}>` as Xml;

/** A whole answer: declaration, root element with S3's namespace, children. */
export const xmlDocument = (root: string, children: readonly Xml[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${children.join("")}</${root}>`;
