import { useText } from "../../i18n/index.ts";
import { type Column, List, Section, Stack, Table, Text } from "../../ui/index.ts";
import { type Listed, listedOf } from "./assumptions.ts";
import { useDataWords } from "./data-words.ts";
import { type ModelKey, modelMessages } from "./model-messages.ts";
import { Quantity, said, useQuantities } from "./quantity.tsx";
import { useLeverWords } from "./scenario-form.tsx";
import { usd, useWords, wordFor } from "./words.ts";

const isKey = (key: string): key is ModelKey => Object.hasOwn(modelMessages.en, key);

/** Every number that decides the result and stands in no price list or plan, with its reason. */
export function AssumptionsTable({ assumptions }: { readonly assumptions: Readonly<Record<string, unknown>> }) {
  const [say, inWords] = [useText(modelMessages), useDataWords()];
  const nameOf = useNames();
  const columns: readonly Column<Listed>[] = [
    { id: "what", label: say("assumption"), isRowHeader: true, render: nameOf },
    { id: "value", label: say("value"), align: "end", render: (row) => <Value row={row} /> },
  ];
  const why: Column<Listed> = { id: "because", label: say("because"), render: ({ because }) => inWords(because) };
  const groups = Map.groupBy(listedOf(assumptions), ({ group }) => group);
  return (
    <Section title={say("allAssumptions")}>
      <Stack>
        {[...groups].map(([group, rows]) => (
          <Table
            key={group}
            caption={say(`group.${group}`)}
            rows={rows}
            rowKey={({ kind, id, of }) => `${kind} ${of} ${id}`}
            columns={rows.some(({ because }) => because !== "") ? [...columns, why] : columns}
          />
        ))}
      </Stack>
    </Section>
  );
}

/** What is assumed, in words. */
function useNames(): (row: Listed) => string {
  const [say, { t }] = [useText(modelMessages), useWords()];
  const [leverOf, { skuName }] = [useLeverWords(), useQuantities()];
  const word = (key: string, otherwise: string): string => (isKey(key) ? say(key) : otherwise);
  return ({ group, kind, id, of }) => {
    if (kind === "lever") {
      const [lever = "", name = "", member = ""] = id.split(".");
      return leverOf({ group: lever as "labour", id: name, member, per: of });
    }
    if (group === "platform") return `${word(`fixed.${id}`, id)}, ${word(`per.${of}`, of)}`;
    const whose = group === "use" ? word(`profile.${of}`, of) : wordFor(t, "tier", of);
    if (kind === "items") return `${whose}: ${group === "use" ? skuName(id) : say("assumption.items")}`;
    const what = word(`assumption.${kind}`, kind);
    return kind === "multiple" ? say("assumption.multiple", { profile: whose }) : `${whose}: ${what}`;
  };
}

/** How much: a figure with its unit, or what is used in a month. */
function Value({ row: { kind, id, value, items } }: { readonly row: Listed }) {
  const [say, { format }, { skuName, priced, counted }] = [useText(modelMessages), useWords(), useQuantities()];
  switch (kind) {
    case "percent":
      return say("ofHundred", { share: format.decimal(value) });
    case "multiple": {
      const key = `profile.${id}`;
      return say("timesOf", { times: format.decimal(value), profile: isKey(key) ? say(key) : id });
    }
    case "encounters":
      return <Quantity of={counted(value, { meter: "encounters", unit: null })} />;
    case "clinicians":
      return <Quantity of={counted(value, { meter: "active-clinicians", unit: null })} />;
    case "documents":
      return <Quantity of={priced(value, { unit: "GB" })} />;
    case "minutes":
      return <Quantity of={priced(value, { unit: "Minutes" })} />;
    case "usd":
      return format.money(usd(value));
    case "lever":
      return <LeverValue id={id} value={value} />;
    case "items":
      return (
        <List label={say("value")} items={items} itemKey={({ sku }) => sku} look="spaced">
          {({ sku, quantity }) => {
            const measured = priced(quantity, { sku, unit: null });
            return (
              <Quantity of={items.length > 1 ? said(measured, (text) => `${text} (${skuName(sku)})`) : measured} />
            );
          }}
        </List>
      );
  }
}

function LeverValue({ id, value }: { readonly id: string; readonly value: string }) {
  const [say, { format }, { priced }] = [useText(modelMessages), useWords(), useQuantities()];
  if (id.endsWith("inutes")) return <Quantity of={priced(value, { unit: "Minutes" })} />;
  if (/usd$/i.test(id)) return format.money(usd(value), 6);
  if (id.includes("ercent")) return say("ofHundred", { share: format.decimal(value) });
  return <Text as="span">{format.decimal(value)}</Text>;
}
