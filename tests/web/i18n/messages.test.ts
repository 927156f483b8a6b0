import { describe, expect, it } from "vitest";
import { createIntl } from "react-intl";
import type { Messages } from "../../../web/src/i18n/messages.ts";
import { isMessages, messageModules } from "./modules.ts";

/** Kinds of the elements of a sentence, as react-intl's engine numbers them. */
const KIND = { literal: 0, select: 5, plural: 6, pound: 7, tag: 8 } as const;

interface Element {
  readonly type: number;
  readonly value: string;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
  readonly children?: readonly Element[];
}

const { formatters } = createIntl({ locale: "en" });
const parse = (text: string): readonly Element[] => formatters.getMessageFormat(text, "en").getAst() as Element[];

/** Names of the placeholders of a sentence, with their kind: `count:plural`. */
function placeholders(elements: readonly Element[]): string[] {
  return elements.flatMap(({ type, value, options = {}, children = [] }) => {
    if (type === KIND.literal || type === KIND.pound) return [];
    const kind = type === KIND.plural ? ":plural" : type === KIND.select ? ":select" : type === KIND.tag ? ":tag" : "";
    const inside = [...Object.values(options).flatMap((option) => option.value), ...children];
    return [`${value}${kind}`, ...placeholders(inside)];
  });
}

/** What an area's sentences lack in one language and have in the other; sentences that the engine cannot read. */
function findings(name: string, { en, es }: Messages): string[] {
  const keys = [...new Set([...Object.keys(en), ...Object.keys(es)])];
  return keys.flatMap((key) => {
    const [inEnglish, inSpanish] = [en[key], es[key]];
    if (inEnglish === undefined || inSpanish === undefined) return [`${name} ${key}: only in one language`];
    try {
      const [one, other] = [inEnglish, inSpanish].map((text) => [...new Set(placeholders(parse(text)))].toSorted());
      return String(one) === String(other) ? [] : [`${name} ${key}: {${String(one)}} and {${String(other)}}`];
    } catch (error) {
      return [`${name} ${key}: ${error instanceof Error ? error.message : "cannot be read"}`];
    }
  });
}

describe("messages in English and Spanish", () => {
  it("UIX-3 every area says the same in both languages, with the same placeholders", async () => {
    const modules = await messageModules();
    expect(modules.length).toBeGreaterThan(3);
    const found: string[] = [];
    for (const { file, exported } of modules) {
      const declared = Object.values(exported).filter(isMessages);
      if (declared.length === 0) found.push(`${file}: exports no messages`);
      for (const messages of declared) found.push(...findings(file, messages));
    }
    expect(found).toEqual([]);
  });

  it.each([
    ["a key that one language lacks", { en: { a: "One" }, es: {} }, "only in one language"],
    ["a placeholder that one language lacks", { en: { a: "{name}" }, es: { a: "nombre" } }, "{name} and {}"],
    ["another kind of placeholder", { en: { a: "{n, plural, other {#}}" }, es: { a: "{n}" } }, "{n:plural} and {n}"],
    ["a sentence that cannot be read", { en: { a: "{" }, es: { a: "x" } }, "a: "],
  ])("finds %s", (_title, messages, said) => {
    expect(findings("planted", messages as unknown as Messages).join()).toContain(said);
  });
});
