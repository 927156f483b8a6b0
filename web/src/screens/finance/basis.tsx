import { useText } from "../../i18n/index.ts";
import { Text } from "../../ui/index.ts";
import { modelMessages } from "./model-messages.ts";
import { planText, priceListText, useWords } from "./words.ts";

/** Which prices a computed amount goes by, and which plan. */
export function Basis({ of }: { readonly of: { readonly priceListId: string; readonly planId?: string } }) {
  const [say, { t, format }] = [useText(modelMessages), useWords()];
  const prices = priceListText(t, format, of.priceListId);
  return (
    <Text size="sm" tone="muted">
      {of.planId === undefined
        ? say("basisPrices", { prices })
        : say("basis", { prices, plan: planText(t, of.planId) })}
    </Text>
  );
}
