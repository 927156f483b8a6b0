import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Badge, Section, Stack, Table, Text } from "../../ui/index.ts";
import { useDataWords } from "./data-words.ts";
import { modelMessages } from "./model-messages.ts";
import { Basis } from "./basis.tsx";
import { Amount } from "./parts.tsx";
import { usd, useWords, wordFor } from "./words.ts";

/** How a clinic can be kept apart, what that costs and what it is sold for; and which is advised to whom. */
export function Tiers() {
  const [say, { t, format }, inWords] = [useText(modelMessages), useWords(), useDataWords()];
  const query = useAsk("financeTiers");
  return (
    <AskState query={query} label={say("tab.tiers")}>
      {({ tiers, profiles, decision, decidedOn, priceListId, planId }) => (
        <Stack gap="lg">
          <Text tone="muted">{say("tiersIntro")}</Text>
          <Text>{say("decided", { day: format.date(decidedOn), text: inWords(decision) })}</Text>
          <Table
            caption={say("tiersCaption")}
            rows={tiers}
            rowKey={({ tier }) => tier}
            columns={[
              {
                id: "tier",
                label: say("tier"),
                isRowHeader: true,
                render: ({ tier, isPlaceable }) => (
                  <Stack gap="xs">
                    <Text as="span">{wordFor(t, "tier", tier)}</Text>
                    <Badge
                      tone={isPlaceable ? "success" : "neutral"}
                      text={say(isPlaceable ? "placeable" : "notPlaceable")}
                    />
                  </Stack>
                ),
              },
              { id: "isolation", label: say("isolation"), render: ({ isolation }) => inWords(isolation) },
              { id: "operations", label: say("operations"), render: ({ operations }) => inWords(operations) },
              { id: "migration", label: say("migration"), render: ({ migration }) => inWords(migration) },
              { id: "risk", label: say("risk"), render: ({ risk }) => inWords(risk) },
              {
                id: "aws",
                label: say("costAws"),
                align: "end",
                render: ({ costAws }) => <Amount money={usd(costAws)} />,
              },
              {
                id: "labour",
                label: say("costLabour"),
                align: "end",
                render: ({ costLabour }) => <Amount money={usd(costLabour)} />,
              },
              { id: "price", label: say("price"), align: "end", render: ({ price }) => <Amount money={usd(price)} /> },
              {
                id: "margin",
                label: t("margin"),
                align: "end",
                render: ({ margin }) => <Amount money={usd(margin)} isStrong />,
              },
            ]}
          />
          <Section title={say("advice")}>
            <Table
              caption={say("advice")}
              hidesCaption
              rows={profiles}
              rowKey={({ profile }) => profile}
              columns={[
                { id: "profile", label: say("profile"), isRowHeader: true, render: ({ name }) => inWords(name) },
                { id: "tier", label: say("recommend"), render: ({ recommend }) => wordFor(t, "tier", recommend) },
                { id: "because", label: say("because"), render: ({ because }) => inWords(because) },
              ]}
            />
          </Section>
          <Basis of={{ priceListId, planId }} />
        </Stack>
      )}
    </AskState>
  );
}
