import { SyntaxKind } from "typescript/unstable/ast";
import { createScanner } from "typescript/unstable/ast/scanner";

interface Token {
  readonly kind: SyntaxKind;
  readonly text: string;
  readonly at: number;
}

const ENDS_AN_EXPRESSION: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.Identifier,
  SyntaxKind.NumericLiteral,
  SyntaxKind.BigIntLiteral,
  SyntaxKind.StringLiteral,
  SyntaxKind.CloseParenToken,
  SyntaxKind.CloseBracketToken,
  SyntaxKind.CloseBraceToken,
]);

/** The tokens of a TypeScript file, without comments, regular expressions and the text of templates. */
function tokensOf(text: string): Token[] {
  const scanner = createScanner(true, undefined, text);
  const tokens: Token[] = [];
  const braces: boolean[] = [];
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    const before = tokens.at(-1)?.kind;
    if (kind === SyntaxKind.SlashToken && (before === undefined || !ENDS_AN_EXPRESSION.has(before)))
      kind = scanner.reScanSlashToken();
    if (kind === SyntaxKind.OpenBraceToken) braces.push(false);
    if (kind === SyntaxKind.TemplateHead) braces.push(true);
    if (kind === SyntaxKind.CloseBraceToken && braces.pop() === true) {
      kind = scanner.reScanTemplateToken(false);
      if (kind === SyntaxKind.TemplateMiddle) braces.push(true);
    }
    tokens.push({ kind, text: scanner.getTokenText(), at: scanner.getTokenStart() });
  }
  return tokens;
}

/** What counts digits, rows, days or milliseconds is no amount, and says so by its name. */
const COUNTS =
  /^(scale|rows?|lines|days|weeks|week|index|tier|length|unreported|unclaimed|estimated|tenants|lossMakers)$|(Ms|Hours|Rows|Bytes)$/;
const NUMBER_NAMES: ReadonlySet<string> = new Set([
  "Number",
  "Math",
  "parseFloat",
  "parseInt",
  "toFixed",
  "toPrecision",
  "Intl",
]);

/** What a money module may not hold: one sentence each. */
export function numbersIn(file: string, text: string): string[] {
  const tokens = tokensOf(text);
  const lineOf = (at: number): number => text.slice(0, at).split("\n").length;
  return tokens.flatMap(({ kind, text: word, at }, index) => {
    const where = `${file}:${lineOf(at)}`;
    if (kind === SyntaxKind.NumberKeyword) {
      const isCount = tokens[index - 1]?.kind === SyntaxKind.ColonToken && COUNTS.test(nameBefore(tokens, index - 2));
      // `(typeof LAYERS)[number]`: the type of an element, which is no number.
      const isElement =
        tokens[index - 1]?.kind === SyntaxKind.OpenBracketToken &&
        tokens[index - 2]?.kind === SyntaxKind.CloseParenToken;
      return isCount || isElement ? [] : [`${where} the type number`];
    }
    if (kind === SyntaxKind.Identifier && NUMBER_NAMES.has(word)) return [`${where} ${word}`];
    if (kind === SyntaxKind.NumericLiteral && /[.eE]/.test(word) && !/^0x/i.test(word)) return [`${where} ${word}`];
    if (kind === SyntaxKind.PlusToken && isUnary(tokens[index - 1]?.kind)) return [`${where} a unary plus`];
    return [];
  });
}

const nameBefore = (tokens: readonly Token[], index: number): string => {
  const token = tokens[index];
  return (token?.kind === SyntaxKind.QuestionToken ? tokens[index - 1]?.text : token?.text) ?? "";
};

const isUnary = (before: SyntaxKind | undefined): boolean =>
  before === SyntaxKind.EqualsToken ||
  before === SyntaxKind.OpenParenToken ||
  before === SyntaxKind.CommaToken ||
  before === SyntaxKind.ReturnKeyword ||
  before === SyntaxKind.EqualsGreaterThanToken;
