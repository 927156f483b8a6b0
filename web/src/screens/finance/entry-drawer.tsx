import { useState } from "react";
import { INTERNAL_LAYERS } from "../../../../core/contract/finance.ts";
import { useAct } from "../../api/hooks.ts";
import { useText, useToday } from "../../i18n/index.ts";
import { DateField, Drawer, Form, notify, RadioField, Text, TextField, useFieldValue } from "../../ui/index.ts";
import { scaledOf, textOfScaled } from "../../i18n/money.ts";
import { entriesMessages } from "./entries-messages.ts";
import { newEntryId } from "./entry-id.ts";
import { ReasonField } from "./parts.tsx";
import { TenantField } from "./tenant-field.tsx";
import { financeReason, readPositive, rulesOf, TOTALS, usd, useWords } from "./words.ts";

interface Values {
  readonly layer: (typeof INTERNAL_LAYERS)[number];
  readonly tenant: string;
  readonly day: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly description: string;
  readonly reason: string;
}

const ALL = "all";
const DESCRIPTION = /^[\p{L}\p{N}][^\p{Cc}]*$/u;

/** A cost of ours: what, for whom, how much. */
export function EntryDrawer({ onClose }: { readonly onClose: () => void }) {
  const [say, { t }] = [useText(entriesMessages), useWords()];
  const today = useToday();
  // One entry has one id, however often it is sent.
  const [id] = useState(newEntryId);
  const { act, problem } = useAct("addEntry", {
    refresh: ["financeEntries", ...TOTALS],
    onDone: () => {
      notify({ text: say("added") });
      onClose();
    },
  });
  const amount = (name: "quantity" | "unitPrice", hint?: string) => (
    <TextField
      name={name}
      label={say(name)}
      isRequired
      maxLength={20}
      {...(hint !== undefined && { hint })}
      validate={(value) => (readPositive(value) === undefined ? t("invalidPositive", { label: say(name) }) : undefined)}
    />
  );
  return (
    <Drawer title={say("addTitle")} isOpen onClose={onClose} size="md">
      <Form<Values>
        label={say("addTitle")}
        loading={false}
        defaults={{
          layer: "support",
          // Chosen each time: a name that was typed and not taken must not fall back on everybody.
          tenant: "",
          day: today,
          quantity: "",
          unitPrice: "",
          description: "",
          reason: "",
        }}
        problem={problem}
        rules={rulesOf(t)}
        submitLabel={say("save")}
        onCancel={onClose}
        onSubmit={({ layer, tenant, day, quantity, unitPrice, description, reason }) =>
          act({
            path: { id },
            body: {
              layer,
              tenant: tenant === ALL ? null : tenant,
              day,
              quantity: readPositive(quantity) ?? "",
              unitPrice: readPositive(unitPrice) ?? "",
              description: description.trim(),
            },
            headers: financeReason(reason),
          })
        }
      >
        <RadioField
          name="layer"
          label={say("kind")}
          isRequired
          choices={INTERNAL_LAYERS.map((value) => ({ value, label: say(`kind.${value}`) }))}
        />
        <TenantField name="tenant" label={t("clinic")} first={{ value: ALL, label: t("allClinics") }} />
        <DateField name="day" label={say("day")} isRequired max={today} />
        {amount("quantity", say("quantityHint"))}
        {amount("unitPrice")}
        <Cost />
        <TextField
          name="description"
          label={say("description")}
          hint={say("descriptionHint")}
          isRequired
          maxLength={120}
          validate={(value) => (DESCRIPTION.test(value.trim()) ? undefined : say("descriptionInvalid"))}
        />
        <ReasonField />
      </Form>
    </Drawer>
  );
}

const ONE = 1_000_000_000_000n;

/** What the entry comes to, as it is typed: six places times six are twelve, so nothing is rounded here. */
function Cost() {
  const [say, { format }] = [useText(entriesMessages), useWords()];
  const [quantity, unitPrice] = [useFieldValue<string>("quantity"), useFieldValue<string>("unitPrice")];
  const [many, each] = [quantity, unitPrice].map((text) => scaledOf(readPositive(text ?? "") ?? ""));
  if (many === undefined || each === undefined) return null;
  return (
    <Text isNumeric isStrong>
      {say("comesTo", { amount: format.money(usd(textOfScaled((many * each) / ONE))) })}
    </Text>
  );
}
