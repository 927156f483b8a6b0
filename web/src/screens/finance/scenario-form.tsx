import type { BodyOf } from "../../api/client.ts";
import { useText } from "../../i18n/index.ts";
import { Button, Columns, Form, Heading, Stack, Text, TextField } from "../../ui/index.ts";
import { fieldOf, type Lever, leversOf, type LeverValues, sizesOf, withLevers } from "./assumptions.ts";
import { type ModelKey, modelMessages } from "./model-messages.ts";
import { readAmount, useWords } from "./words.ts";

type Values = LeverValues & { readonly sizes: string };

interface ScenarioFormProps {
  readonly assumptions: Readonly<Record<string, unknown>>;
  readonly sizes: readonly number[];
  readonly onAsk: (body: BodyOf<"askScenarios">) => void;
  readonly onReset: () => void;
}

const isKey = (key: string): key is ModelKey => Object.hasOwn(modelMessages.en, key);

/** What a number of the assumptions is called. */
export function useLeverWords(): (lever: Pick<Lever, "group" | "id" | "member" | "per">) => string {
  const say = useText(modelMessages);
  const word = (key: string, otherwise: string): string => (isKey(key) ? say(key) : otherwise);
  return ({ group, id, member, per }) => {
    if (group === "single") return word(id, id);
    const whose = word(`${group}.${id}`, id);
    const where = word(`per.${per}`, per);
    const what =
      member === "minutes"
        ? say("minutes", { per: where })
        : member === "usd"
          ? say("overhead", { per: where })
          : say("minutePrice");
    return `${whose}: ${what}`;
  };
}

/** Numbers of clinics, labour, incidents, upgrade windows, exceptions: what the model goes by, to be doubted. */
export function ScenarioForm({ assumptions, sizes, onAsk, onReset }: ScenarioFormProps) {
  const [say, { t }] = [useText(modelMessages), useWords()];
  const wordsOf = useLeverWords();
  const levers = leversOf(assumptions);
  const field = (lever: Lever) => {
    const label = wordsOf(lever);
    return (
      <TextField
        key={lever.name}
        name={fieldOf(lever.name)}
        label={label}
        isRequired
        maxLength={20}
        validate={(value) => (readAmount(value) === undefined ? t("invalidAmount", { label }) : undefined)}
      />
    );
  };
  return (
    <Form<Values>
      label={say("form")}
      loading={false}
      guards={false}
      problem={undefined}
      defaults={{
        ...Object.fromEntries(levers.map(({ name, value }) => [fieldOf(name), value])),
        sizes: sizes.join(", "),
      }}
      submitLabel={say("compute")}
      onSubmit={({ sizes: typed, ...values }) => {
        const tenants = sizesOf(typed);
        if (tenants !== undefined) onAsk({ tenants, assumptions: withLevers(assumptions, values) });
        return true;
      }}
      actions={
        <Button tone="quiet" type="reset" onClick={onReset}>
          {say("reset")}
        </Button>
      }
    >
      <Text tone="muted">{say("formIntro")}</Text>
      <TextField
        name="sizes"
        label={say("sizes")}
        hint={say("sizesHint")}
        isRequired
        width="md"
        maxLength={60}
        validate={(value) => (sizesOf(value) === undefined ? say("sizesInvalid") : undefined)}
      />
      <Stack gap="sm">
        <Heading level={2} size={3}>
          {say("labour")}
        </Heading>
        <Columns min="lg" gap="md">
          {levers.filter(({ group }) => group === "labour").map(field)}
        </Columns>
      </Stack>
      <Stack gap="sm">
        <Heading level={2} size={3}>
          {say("other")}
        </Heading>
        <Columns min="lg" gap="md">
          {levers.filter(({ group }) => group !== "labour").map(field)}
        </Columns>
      </Stack>
    </Form>
  );
}
