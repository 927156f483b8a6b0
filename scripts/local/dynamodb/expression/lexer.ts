/** `name` is `#n`, `value` is `:v`, `word` an identifier or keyword, `index` digits; punctuation is its own kind. */
export type TokenKind =
  | "name"
  | "value"
  | "word"
  | "index"
  | "("
  | ")"
  | "["
  | "]"
  | "."
  | ","
  | "+"
  | "-"
  | "="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "unknown"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isWordPart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || isDigit(code);
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);
const PUNCTUATION = "()[].,+-=";

function endOfWord(source: string, from: number): number {
  let end = from;
  while (end < source.length && isWordPart(source.charCodeAt(end))) end += 1;
  return end;
}

function kindAt(source: string, start: number): readonly [TokenKind, number] {
  const code = source.charCodeAt(start);
  const character = source.charAt(start);
  if (character === "#" || character === ":") {
    const end = endOfWord(source, start + 1);
    return end === start + 1 ? ["unknown", end] : [character === "#" ? "name" : "value", end];
  }
  if (isDigit(code)) {
    let end = start + 1;
    while (end < source.length && isDigit(source.charCodeAt(end))) end += 1;
    return ["index", end];
  }
  if (isWordPart(code)) return ["word", endOfWord(source, start)];
  if (character === "<" || character === ">") {
    const two = source.slice(start, start + 2);
    return two === "<>" || two === "<=" || two === ">=" ? [two, start + 2] : [character, start + 1];
  }
  return [PUNCTUATION.includes(character) ? (character as TokenKind) : "unknown", start + 1];
}

/** The tokens of an expression, closed by one of kind `end`. What is no token becomes `unknown`, for the parser to refuse. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < source.length) {
    if (isSpace(source.charCodeAt(position))) {
      position += 1;
      continue;
    }
    const [kind, end] = kindAt(source, position);
    tokens.push({ kind, text: source.slice(position, end), start: position });
    position = end;
  }
  tokens.push({ kind: "end", text: "<EOF>", start: source.length });
  return tokens;
}
