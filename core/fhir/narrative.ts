/*
 * Narrative.div is markup that a browser will meet, written by anybody who may write a record. It is read here as strict
 * XML over an allow-list, and refused rather than repaired. FHIR R4 narrative.html: "basic html formatting elements and
 * attributes described in chapters 7-11 (except section 4 of chapter 9) and 15 of the HTML 4.0 standard, <a> elements
 * (either name or href), images and internally contained style attributes"; "SHALL NOT contain a head, a body element,
 * external stylesheet references, deprecated elements, scripts, forms, base/link/xlink, frames, iframes, objects or
 * event related attributes". Stricter than R4: nothing loads from anywhere, no comments with markup, no CDATA.
 */

const ELEMENTS = new Set(
  (
    "a abbr acronym address b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 " +
    "hr i img ins kbd li ol p pre q s samp small span strong sub sup table tbody td tfoot th thead tr tt u ul var"
  ).split(" "),
);

const NUMBER = /^[0-9]{1,5}(?:\.[0-9]{1,3})?(?:%|px|em|\*)?$/;
const TOKENS = /^[\w .:-]{0,200}$/;
const LANGUAGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/;
const ANY = /^/;
/** An id becomes a name on `window` and `document`; with a digit or a separator it can not shadow one of theirs. */
const ID = /^(?=.*[0-9_:.-])[A-Za-z0-9][\w:.-]{0,127}$/;

const GLOBAL: Readonly<Record<string, RegExp>> = {
  class: TOKENS,
  dir: /^(?:ltr|rtl|auto)$/,
  id: ID,
  lang: LANGUAGE,
  title: ANY,
  "xml:lang": LANGUAGE,
};

const ALIGN: Readonly<Record<string, RegExp>> = {
  align: /^(?:left|center|right|justify|char)$/,
  valign: /^(?:top|middle|bottom|baseline)$/,
  width: NUMBER,
};
const CELL: Readonly<Record<string, RegExp>> = {
  ...ALIGN,
  abbr: ANY,
  axis: TOKENS,
  bgcolor: /^#?\w{1,20}$/,
  colspan: NUMBER,
  headers: TOKENS,
  height: NUMBER,
  nowrap: /^nowrap$/,
  rowspan: NUMBER,
  scope: /^(?:row|col|rowgroup|colgroup)$/,
};

const OWN: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  // `name` makes no global of an anchor (HTML: named access), so that any name will do.
  a: { name: /^[\w:./-]{1,128}$/, rel: TOKENS, target: /^_blank$/ },
  col: { ...ALIGN, span: NUMBER },
  colgroup: { ...ALIGN, span: NUMBER },
  hr: { ...ALIGN, size: NUMBER },
  img: { alt: ANY, border: NUMBER, height: NUMBER, width: NUMBER },
  li: { value: NUMBER, type: TOKENS },
  ol: { start: NUMBER, type: TOKENS },
  p: ALIGN,
  table: {
    ...ALIGN,
    border: NUMBER,
    cellpadding: NUMBER,
    cellspacing: NUMBER,
    frame: TOKENS,
    rules: TOKENS,
    summary: ANY,
  },
  tbody: ALIGN,
  td: CELL,
  tfoot: ALIGN,
  th: CELL,
  thead: ALIGN,
  tr: { ...ALIGN, bgcolor: /^#?\w{1,20}$/ },
  ul: { type: TOKENS },
};

const STYLE_PROPERTY =
  /^(?:background(?:-color)?|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?|border-(?:collapse|radius|spacing)|color|display|float|font(?:-(?:family|size|style|variant|weight))?|height|line-height|list-style(?:-(?:type|position))?|(?:margin|padding)(?:-(?:top|right|bottom|left))?|m(?:ax|in)-(?:height|width)|text-(?:align|decoration|indent|transform)|vertical-align|white-space|width|word-(?:break|wrap)|overflow-wrap)$/;
/** No backslash (CSS escapes), no quotes, no `:` or `@`, and only functions that compute a colour or a variable. */
const STYLE_VALUE = /^(?:[\w\s#%.,!+-]|(?:rgba?|hsla?|var)\([\w\s%.,-]*\))*$/;

function isSafeStyle(style: string): boolean {
  return style.split(";").every((declaration) => {
    if (declaration.trim() === "") return true;
    const colon = declaration.indexOf(":");
    const property = declaration.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    return STYLE_PROPERTY.test(property) && STYLE_VALUE.test(declaration.slice(colon + 1));
  });
}

/** A link is followed by a person, never loaded. Relative ones, fragments, http(s), mail, telephone, a bundle's urns. */
const isSafeHref = (href: string): boolean =>
  /^(?:https?:|mailto:|tel:|urn:(?:uuid|oid):|(?![^/?#]*:))[\u0021-\uffff ]*$/i.test(href);
/** An image is part of the record: contained in it, or in the text itself, and of a kind that holds no script. */
const isSafeSource = (source: string): boolean =>
  /^#[\w.-]{1,64}$/.test(source) || /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/\s]+={0,2}$/.test(source);

function isSafeAttribute(element: string, name: string, value: string): boolean {
  if (name === "style") return isSafeStyle(value);
  if (name === "href") return element === "a" && isSafeHref(value);
  if (name === "src") return element === "img" && isSafeSource(value);
  const own = OWN[element];
  const rule = own && Object.hasOwn(own, name) ? own[name] : Object.hasOwn(GLOBAL, name) ? GLOBAL[name] : undefined;
  return rule?.test(value) === true;
}

/** XML's five, and the Latin-1 and typographic names of XHTML 1.0 that are seen in narratives. None is markup. */
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const TEXT_ENTITIES = new Set(
  (
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup1 sup2 sup3 acute " +
    "micro para middot cedil ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil " +
    "Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave " +
    "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml " +
    "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute " +
    "thorn yuml ndash mdash lsquo rsquo sbquo ldquo rdquo bdquo dagger Dagger bull hellip permil prime Prime lsaquo " +
    "rsaquo euro trade larr uarr rarr darr harr le ge ne asymp alpha beta gamma delta mu ensp emsp thinsp"
  ).split(" "),
);

/** The text with its references resolved (a named character as a stand-in: only its being there matters), or undefined where one is unknown or stands for a character XML forbids. */
function decode(text: string, names: "xml" | "xhtml"): string | undefined {
  if (!text.includes("&")) return text;
  let valid = true;
  const decoded = text.replace(/&([^;&]{0,10})(;?)/g, (_, name: string, end: string) => {
    const digits = /^#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}))$/.exec(name);
    const point = digits ? Number.parseInt(digits[1] ?? digits[2] ?? "", digits[1] ? 10 : 16) : undefined;
    if (end === ";" && point !== undefined && isXmlChar(point)) return String.fromCodePoint(point);
    if (end === ";" && Object.hasOwn(NAMED, name)) return NAMED[name] ?? "";
    if (end === ";" && names === "xhtml" && TEXT_ENTITIES.has(name))
      return /^(?:shy|(?:nb|en|em|thin)sp)$/.test(name) ? " " : "?";
    valid = false;
    return "";
  });
  return valid ? decoded : undefined;
}

const isXmlChar = (point: number): boolean =>
  point === 9 ||
  point === 10 ||
  point === 13 ||
  (point >= 0x20 && point <= 0xd7ff) ||
  (point >= 0xe000 && point <= 0xfffd) ||
  (point >= 0x10000 && point <= 0x10ffff);

const OPEN = /<([a-z][a-z0-9]*)/y;
const ATTRIBUTE = /[ \t\r\n]+([a-z][a-z:-]*)[ \t\r\n]*=[ \t\r\n]*("[^"<]*"|'[^'<]*')/y;
const OPEN_END = /[ \t\r\n]*(\/?)>/y;
const CLOSE = /<\/([a-z][a-z0-9]*)[ \t\r\n]*>/y;
const TEXT = /[^<]+/y;
/** A comment that reads the same to an XML and to an HTML parser: neither `-` nor an angle bracket inside. */
const COMMENT = /<!--[^<>-]*-->/y;

const MAX_DEPTH = 64;
const XHTML = "http://www.w3.org/1999/xhtml";

/** Moves over one start tag; gives the offset after it and whether it closed itself, or undefined when it is not safe. */
function readAttributes(
  text: string,
  start: number,
  element: string,
  isRoot: boolean,
): { end: number; isClosed: boolean } | undefined {
  const seen = new Set<string>();
  let offset = start;
  for (;;) {
    ATTRIBUTE.lastIndex = offset;
    const match = ATTRIBUTE.exec(text);
    if (!match) break;
    const [, name = "", quoted = ""] = match;
    const value = decode(quoted.slice(1, -1), "xml");
    if (value === undefined || seen.has(name)) return undefined;
    const isNamespace = isRoot && name === "xmlns" && value === XHTML;
    if (!isNamespace && !isSafeAttribute(element, name, value)) return undefined;
    seen.add(name);
    offset = ATTRIBUTE.lastIndex;
  }
  if (isRoot && !seen.has("xmlns")) return undefined;
  OPEN_END.lastIndex = offset;
  const end = OPEN_END.exec(text);
  return end ? { end: OPEN_END.lastIndex, isClosed: end[1] === "/" } : undefined;
}

/**
 * The rule that the text of Narrative.div breaks, or undefined: `txt-1` for anything outside the allow-list or not well
 * formed, `txt-2` when nothing is there to read. Linear in the length of the text.
 */
export function checkNarrative(div: string): "txt-1" | "txt-2" | undefined {
  const text = div.trim();
  const open: string[] = [];
  let hasContent = false;
  let offset = 0;
  while (offset < text.length) {
    if (open.length === 0 && offset > 0) return "txt-1";
    OPEN.lastIndex = CLOSE.lastIndex = TEXT.lastIndex = COMMENT.lastIndex = offset;
    const tag = OPEN.exec(text);
    if (tag) {
      const element = tag[1] ?? "";
      if (!ELEMENTS.has(element) || (open.length === 0 && element !== "div") || open.length >= MAX_DEPTH)
        return "txt-1";
      const read = readAttributes(text, OPEN.lastIndex, element, open.length === 0);
      if (!read) return "txt-1";
      if (element === "img") hasContent = true;
      if (!read.isClosed) open.push(element);
      else if (open.length === 0) return read.end === text.length ? "txt-2" : "txt-1";
      offset = read.end;
      continue;
    }
    const close = CLOSE.exec(text);
    if (close) {
      if (open.pop() !== close[1]) return "txt-1";
      offset = CLOSE.lastIndex;
      continue;
    }
    if (COMMENT.exec(text)) {
      offset = COMMENT.lastIndex;
      continue;
    }
    const run = TEXT.exec(text)?.[0];
    const decoded = run === undefined || open.length === 0 ? undefined : decode(run, "xhtml");
    // "]]>" may not stand in XML text.
    if (run === undefined || decoded === undefined || run.includes("]]>") || !isXmlText(run)) return "txt-1";
    if (decoded.trim() !== "") hasContent = true;
    offset += run.length;
  }
  if (open.length > 0 || offset === 0) return "txt-1";
  return hasContent ? undefined : "txt-2";
}

const isXmlText = (text: string): boolean => /^[\t\n\r\u0020-\ufffd]*$/.test(text);
