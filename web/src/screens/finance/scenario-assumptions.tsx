import { useText } from "../../i18n/index.ts";
import { Section, Table } from "../../ui/index.ts";
import { type Listed, listedOf } from "./assumptions.ts";
import { useDataWords } from "./data-words.ts";
import { type ModelKey, modelMessages } from "./model-messages.ts";
import { useLeverWords } from "./scenario-form.tsx";
import { useWords, wordFor } from "./words.ts";

const isKey = (key: string): key is ModelKey => Object.hasOwn(modelMessages.en, key);

/** Every number that decides the result and stands in no price list or plan, with its reason. */
export function AssumptionsTable({ assumptions }: { readonly assumptions: Readonly<Record<string, unknown>> }) {
  const [say, { t }, inWords, leverOf] = [useText(modelMessages), useWords(), useDataWords(), useLeverWords()];
  const profile = (id: string): string => {
    const key = `profile.${id}`;
    return isKey(key) ? say(key) : id;
  };
  const nameOf = ({ kind, id, of }: Listed): string => {
    if (kind === "percent") return say("assumption.percent", { profile: profile(of) });
    if (kind === "tier") return say("assumption.tier", { tier: wordFor(t, "tier", of) });
    if (kind === "usage") return say("usage", { profile: profile(of), sku: id });
    const where = `per.${of}`;
    if (kind === "fixed") return `${id}: ${isKey(where) ? say(where) : of}`;
    const [group = "", name = "", member = ""] = id.split(".");
    return leverOf({ group: group as "labour", id: name, member, per: of });
  };
  return (
    <Section title={say("allAssumptions")}>
      <Table
        caption={say("allAssumptions")}
        hidesCaption
        rows={listedOf(assumptions)}
        rowKey={({ kind, id, of }) => `${kind} ${of} ${id}`}
        columns={[
          { id: "what", label: say("assumption"), isRowHeader: true, render: nameOf },
          { id: "value", label: say("value"), align: "end", render: ({ value }) => value },
          { id: "because", label: say("because"), render: ({ because }) => inWords(because) },
        ]}
      />
    </Section>
  );
}
