import { useState } from "react";
import { useText } from "../../i18n/index.ts";
import { scaledOf } from "../../i18n/money.ts";
import { Button, ButtonRow, type Column, Section, Stack, Table, Text } from "../../ui/index.ts";
import { type ModelKey, modelMessages } from "./model-messages.ts";
import { Amount } from "./parts.tsx";
import { useQuantities } from "./quantity.tsx";
import type { ScenariosAnswer } from "./scenarios.tsx";
import { usd, useWords, wordFor } from "./words.ts";

type Scenario = ScenariosAnswer["scenarios"][number];
type Line = Scenario["lines"][number];

interface Shown {
  readonly id: string;
  readonly label: string;
  readonly amountOf: (scenario: Scenario) => string;
  readonly isStrong?: boolean;
}

const isKey = (key: string): key is ModelKey => Object.hasOwn(modelMessages.en, key);

/** Scenarios beside each other: layers as rows, clinics as columns, and what is left of revenue. */
export function ScenarioResults({ answer: { scenarios } }: { readonly answer: ScenariosAnswer }) {
  const [say, { t, format }] = [useText(modelMessages), useWords()];
  const [openSize, setOpenSize] = useState<number | undefined>(undefined);
  const layers = [...new Set(scenarios.flatMap((scenario) => scenario.layers.map(({ layer }) => layer)))];
  const rows: readonly Shown[] = [
    ...layers.map((layer): Shown => ({
      id: layer,
      label: wordFor(t, "layer", layer),
      amountOf: (scenario) => scenario.layers.find((one) => one.layer === layer)?.cost ?? "0",
    })),
    { id: "total", label: t("total"), amountOf: ({ total }) => total, isStrong: true },
    { id: "revenue", label: t("revenue"), amountOf: ({ revenue }) => revenue },
    { id: "margin", label: t("margin"), amountOf: ({ margin }) => margin, isStrong: true },
    { id: "each", label: say("perClinic"), amountOf: ({ perTenant }) => perTenant, isStrong: true },
    { id: "aws", label: say("awsPerClinic"), amountOf: ({ awsPerTenant }) => awsPerTenant },
  ];
  const columns: readonly Column<Shown>[] = [
    { id: "what", label: say("layersCaption"), isRowHeader: true, render: ({ label }) => label },
    ...scenarios.map((scenario): Column<Shown> => ({
      id: String(scenario.tenants),
      label: say("clinics", { count: scenario.tenants }),
      align: "end",
      render: ({ amountOf, isStrong = false }) => <Amount money={usd(amountOf(scenario))} isStrong={isStrong} />,
    })),
  ];
  const open = scenarios.find(({ tenants }) => tenants === openSize);
  return (
    <Section title={say("results")}>
      <Table
        caption={say("layersCaption")}
        hidesCaption
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        stacks={false}
      />
      <Stack gap="xs">
        {scenarios.map(({ tenants, cells, byTier }) => (
          <Text key={tenants} size="sm" tone="muted">
            {say("spread", {
              clinics: say("clinics", { count: tenants }),
              cells,
              tiers: byTier
                .filter(({ tenants: count }) => count > 0)
                .map(({ tier, tenants: count }) => `${format.number(count)} ${wordFor(t, "tier", tier)}`)
                .join(", "),
            })}
          </Text>
        ))}
      </Stack>
      <ButtonRow>
        {scenarios.map(({ tenants }) => (
          <Button
            key={tenants}
            size="sm"
            tone="quiet"
            isExpanded={openSize === tenants}
            onClick={() => setOpenSize(openSize === tenants ? undefined : tenants)}
          >
            {`${say("clinics", { count: tenants })}: ${say(openSize === tenants ? "hideLines" : "showLines")}`}
          </Button>
        ))}
      </ButtonRow>
      {open !== undefined && <Lines scenario={open} />}
    </Section>
  );
}

function Lines({ scenario: { tenants, lines } }: { readonly scenario: Scenario }) {
  const [say, { t }] = [useText(modelMessages), useWords()];
  const { skuName } = useQuantities();
  const nameOf = ({ id, source }: Line): string => {
    if (source === "aws") return skuName(id);
    const tier = /^tier-(.*)$/.exec(id)?.[1];
    if (tier !== undefined) return say("tierLabour", { tier: wordFor(t, "tier", tier) });
    const key = [`${source}.${id}`, `fixed.${id}`].find(isKey);
    return key === undefined ? id : say(key);
  };
  return (
    <Table
      caption={say("linesCaption", { clinics: say("clinics", { count: tenants }) })}
      rows={lines}
      rowKey={({ id, source }) => `${source} ${id}`}
      columns={[
        { id: "line", label: say("line"), isRowHeader: true, render: nameOf },
        { id: "layer", label: say("layer"), render: ({ layer }) => wordFor(t, "layer", layer) },
        { id: "source", label: say("source"), render: ({ source }) => say(`source.${source}`) },
        {
          id: "cost",
          label: t("cost"),
          align: "end",
          sortBy: ({ cost }) => scaledOf(cost) ?? 0n,
          render: ({ cost }) => <Amount money={usd(cost)} />,
        },
      ]}
      sortedBy={{ column: "cost", isDescending: true }}
    />
  );
}
