import { readFileSync } from "node:fs";
import path from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ASSUMPTIONS } from "../../../core/cost/assumptions.ts";
import { controlPrices } from "../../../core/cost/controls.ts";
import { dayOfMs, isDay } from "../../../core/cost/period.ts";
import { planOn } from "../../../core/cost/plan.ts";
import { priceDifference } from "../../../core/cost/price-difference.ts";
import { pickPrices, PriceList } from "../../../core/cost/prices.ts";
import { scenario } from "../../../core/cost/scenario.ts";
import { adviseTier, TENANCY } from "../../../core/cost/tenancy.ts";
import { adviceText, controlsText, differenceText, plain, pricesText, scenariosText } from "../cost-text.ts";
import { CliFailure, EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { registerCostFocus } from "./cost-focus.ts";
import { registerCostVerify } from "./cost-verify.ts";

interface Dated {
  readonly region: string;
  readonly on: string;
}

const today = (): string => dayOfMs(Date.now());

function day(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError("a day such as 2026-11-22.");
}

/** The prices and the plan of a day. */
function dated({ region, on }: Dated) {
  const [prices, plan] = [pickPrices(region, on), planOn(on)];
  if (prices === undefined) throw new CliFailure(`no price list of ${region} is in force on ${on}`, EXIT.usage);
  if (plan === undefined) throw new CliFailure(`no plan is in force on ${on}`, EXIT.usage);
  return { prices, plan };
}

function readPrices(file: string): PriceList {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path.resolve(file), "utf8"));
  } catch {
    throw new CliFailure(`${file} cannot be read as JSON`, EXIT.usage);
  }
  const parsed = PriceList.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliFailure(`${file} is no price list: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`, EXIT.usage);
}

function counts(text: string): bigint[] {
  const parts = text.split(",");
  if (parts.length <= 6 && parts.every((part) => /^[1-9]\d{0,5}$/.test(part))) return parts.map(BigInt);
  throw new InvalidArgumentError("numbers of clinics such as 10,100,1000.");
}

/** `keyward cost`: prices, scenarios and advice, from data that is shipped; `verify` alone asks a stage. */
export function registerCost(program: Command, { print }: Output): void {
  const cost = program.command("cost").description("what Keyward costs, and what a clinic would");
  const withDate = (command: Command): Command =>
    command
      .option("--region <region>", "the region whose prices count", "us-east-1")
      .option("--on <day>", "the day whose prices count", day, today());

  const prices = cost.command("prices").description("AWS's list prices, as dated data");
  withDate(prices.command("show").description("print the price list that is in force")).action((options: Dated) => {
    const list = dated(options).prices;
    print(plain(list), pricesText(list));
  });
  prices
    .command("diff")
    .description("print what a newer price file asks otherwise; exit code 5 where it does")
    .argument("<old>", "a price file")
    .argument("<new>", "a newer one")
    .action((older: string, newer: string) => {
      const difference = priceDifference(readPrices(older), readPrices(newer));
      print(plain(difference), differenceText(difference));
      const { added, removed, changed } = difference;
      if (added.length + removed.length + changed.length > 0) process.exitCode = EXIT.findings;
    });

  withDate(cost.command("scenarios").description("print what 10, 100 and 1,000 clinics cost a month"))
    .option("--tenants <numbers>", "numbers of clinics", counts, [10n, 100n, 1_000n])
    .action((options: Dated & { readonly tenants: readonly bigint[] }) => {
      const { prices: list, plan } = dated(options);
      const scenarios = options.tenants.map((tenants) => scenario(tenants, ASSUMPTIONS, list, plan));
      const controls = controlPrices(list);
      print(
        plain({ prices: list.id, plan: plan.id, assumptions: ASSUMPTIONS, scenarios, controls }),
        `${scenariosText(scenarios, { prices: list.id, plan: plan.id })}\n\n${controlsText(controls)}`,
      );
    });

  const profiles = TENANCY.profiles.map(({ profile }) => profile).join(", ");
  withDate(cost.command("advise").description("recommend an isolation tier, with its price"))
    .requiredOption("--profile <profile>", profiles)
    .action((options: Dated & { readonly profile: string }) => {
      const { prices: list, plan } = dated(options);
      const advice = adviseTier(options.profile, list, plan);
      if (!advice.ok) throw new CliFailure(`the decision record weighs ${profiles}`, EXIT.usage);
      print(plain(advice.value), adviceText(advice.value));
    });
  registerCostFocus(cost, print);
  registerCostVerify(cost, print);
}
