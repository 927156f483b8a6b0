import { describe, expect, it } from "vitest";
import { METERS } from "../../../core/cost/meters.ts";
import { PRICE_PLANS } from "../../../core/cost/plan.ts";
import { PRICE_LISTS, unitsPer } from "../../../core/cost/prices.ts";
import { createFormat } from "../../../web/src/i18n/format.ts";
import { say } from "../../../web/src/i18n/intl.ts";
import type { Locale } from "../../../web/src/i18n/locale.ts";
import { roundText } from "../../../web/src/i18n/money.ts";
import { financeMessages } from "../../../web/src/screens/finance/messages.ts";
import { openMonths } from "../../../web/src/screens/finance/open-months.ts";
import { quantityWords } from "../../../web/src/screens/finance/quantity.tsx";
import { SKU_WORDS, UNIT_OF_CODE, UNIT_OF_METER } from "../../../web/src/screens/finance/sku-words.ts";
import { rateMessages, unitMessages } from "../../../web/src/screens/finance/unit-messages.ts";

const wordsIn = (language: Locale) =>
  quantityWords(
    language,
    (key, values) => say(unitMessages, key, language, "UTC", values),
    createFormat(language, "UTC"),
    (key, values) => say(rateMessages, key, language, "UTC", values),
  );
const [en, es] = [wordsIn("en"), wordsIn("es")];

describe("COST-7 quantities in words", () => {
  it("every SKU of a price list, every unit and every plan has words", () => {
    const skus = PRICE_LISTS.flatMap((list) => list.skus);
    expect(skus.filter(({ sku }) => SKU_WORDS[sku] === undefined).map(({ sku }) => sku)).toEqual([]);
    expect(skus.filter(({ unit }) => UNIT_OF_CODE[unit] === undefined).map(({ unit }) => unit)).toEqual([]);
    const metered = Object.values(METERS).flatMap(({ sku }) => (sku === null ? [] : [sku]));
    expect(metered.filter((sku) => SKU_WORDS[sku] === undefined)).toEqual([]);
    const counted = PRICE_PLANS.flatMap(({ meters }) => meters).filter(({ unit }) => UNIT_OF_CODE[unit] === undefined);
    expect(counted.filter(({ meter }) => UNIT_OF_METER[meter] === undefined)).toEqual([]);
    for (const { id } of PRICE_PLANS) expect(financeMessages.es).toHaveProperty([`plan.${id.split("/")[0] ?? ""}`]);
  });

  it.each([
    ["3200431", "3.2 million", "3.2 millones"],
    ["1000000", "1 million", "1 millón"],
    ["999999.4", "999,999", "999,999"],
    ["15600", "15,600", "15,600"],
    ["8.8449", "8.84", "8.84"],
    ["0.0123456", "0.0123", "0.0123"],
    ["0", "0", "0"],
  ])("%s is %s", (text, inEnglish, inSpanish) => {
    expect([roundText("en-US", text), roundText("es-US", text)]).toEqual([inEnglish, inSpanish]);
  });

  it("base units are said in the unit of the price, with the exact value beside", () => {
    const reads = { sku: "dynamodb-rru", unit: "Requests", measure: "half-count", per: "2" } as const;
    expect(en.metered("6400863", reads)).toEqual({
      short: "3.2 million read request units",
      exact: "3,200,431.5 read request units",
    });
    expect(es.metered("6400863", reads)).toEqual({
      short: "3.2 millones de unidades de lectura",
      exact: "3,200,431.5 unidades de lectura",
    });
    const per = unitsPer("byte-hours", "2026-11").toString();
    const storage = { sku: "s3-standard", unit: "GB-Months", measure: "byte-hours", per } as const;
    expect(en.metered(per, storage)).toEqual({ short: "1 GB-month", exact: "773,094,113,280 byte-hours" });
    expect(en.byteHours("1513975971840")).toEqual({
      short: "1,410 GB-hours",
      exact: "1,513,975,971,840 byte-hours",
    });
    expect(es.counted("1", { meter: "encounters", unit: "Count" }).short).toBe("1 consulta");
    expect(en.priced("45", { sku: "internal-support", unit: "Minutes" }).short).toBe("45 minutes");
    // What no list of ours has keeps the words of AWS.
    expect([en.skuName("Tax", "Tax"), en.priced("2", { sku: "x", unit: "Lcu-Hours" }).short]).toEqual([
      "Tax",
      "2 Lcu-Hours",
    ]);
  });

  it("a rate is of one unit, or of a million where one costs next to nothing", () => {
    expect(en.rate("0.000000125", { sku: "dynamodb-rru", unit: "Requests" })).toBe(
      "$0.125 per million read request units",
    );
    expect(es.rate("0.023", { sku: "s3-standard", unit: "GB-Months" })).toBe("$0.023 por GB-mes");
  });

  it("a plan begins with a month that is not closed", () => {
    const months = openMonths(
      [
        { month: "2026-09", status: "closed" },
        { month: "2026-10", status: "due" },
        { month: "2026-11", status: "open" },
      ],
      "2026-11",
    );
    expect([months[0], months[1], months[2], months.at(-1), months.length]).toEqual([
      "2026-10",
      "2026-11",
      "2026-12",
      "2027-11",
      14,
    ]);
  });
});
