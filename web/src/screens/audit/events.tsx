import { useState } from "react";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useText } from "../../i18n/index.ts";
import {
  AskState,
  Button,
  Columns,
  ComboboxField,
  DateField,
  EmptyState,
  Form,
  Section,
  SelectField,
  Stack,
  TextField,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { wordFor } from "../govern/who.tsx";
import { ChartFinder } from "./chart-finder.tsx";
import { EventTable, Pager } from "./event-table.tsx";
import { auditMessages } from "./messages.ts";
import { auditWord, isChartId } from "./words.ts";

const ACTIONS = ["C", "R", "U", "D", "E"] as const;
const OUTCOMES = ["success", "denied", "failure"] as const;
const NAMES = ["patient", "actor", "action", "outcome", "fromDay", "toDay"] as const;
type Filters = Readonly<Record<(typeof NAMES)[number], string>>;

/** Filters stand in the address: ids, days and codes, so that a finding can be passed on. */
function useFilters(): { readonly filters: Filters; readonly set: (filters: Partial<Filters>) => void } {
  const query = useAddressQuery();
  const go = useGo();
  const filters = Object.fromEntries(NAMES.map((name) => [name, query[name] ?? ""])) as Filters;
  return {
    filters,
    set: (next) =>
      go({
        to: "/app/audit",
        search: Object.fromEntries(NAMES.map((name) => [name, next[name] === "" ? undefined : next[name]])),
      }),
  };
}

interface FilterFormProps {
  readonly filters: Filters;
  readonly onSearch: (filters: Partial<Filters>) => void;
}

function FilterForm({ filters, onSearch }: FilterFormProps) {
  const [t, shared] = [useText(auditMessages), useText(governMessages)];
  const people = useAsk("listPeople");
  const options = (people.data?.people ?? []).map(({ id, name, roles }) => ({
    value: id,
    label: name,
    detail: roles.map((role) => wordFor(shared, "role", role)).join(", "),
  }));
  const person = options.find(({ value }) => value === filters.actor);
  return (
    <Form<Filters>
      label={t("filters")}
      loading={false}
      guards={false}
      defaults={filters}
      problem={undefined}
      submitLabel={t("search")}
      onSubmit={onSearch}
      actions={
        <Button tone="quiet" onClick={() => onSearch({})}>
          {t("reset")}
        </Button>
      }
    >
      <Columns min="md" gap="md">
        <TextField
          name="patient"
          label={shared("chartId")}
          isCode
          maxLength={64}
          validate={(value) => (value === "" || isChartId(value) ? undefined : t("invalidNumber"))}
        />
        <ComboboxField
          name="actor"
          label={t("person")}
          options={options}
          placeholder={t("anyPerson")}
          {...(person !== undefined && { valueLabel: person.label })}
        />
        <SelectField
          name="action"
          label={t("action")}
          placeholder={t("anyAction")}
          choices={ACTIONS.map((value) => ({ value, label: auditWord(t, "action", value) }))}
        />
        <SelectField
          name="outcome"
          label={t("outcome")}
          placeholder={t("anyOutcome")}
          choices={OUTCOMES.map((value) => ({ value, label: auditWord(t, "outcome", value) }))}
        />
        <DateField name="fromDay" label={t("fromDay")} />
        <DateField name="toDay" label={t("toDay")} />
      </Columns>
    </Form>
  );
}

/** The trail by patient, person, what was done, outcome and day. */
export function Events() {
  const t = useText(auditMessages);
  const { filters, set } = useFilters();
  const key = NAMES.map((name) => filters[name]).join(" ");
  const [at, setAt] = useState<{ readonly key: string; readonly cursor: string } | undefined>(undefined);
  // Another search begins at its newest page.
  const cursor = at?.key === key ? at.cursor : undefined;
  const asked = Object.fromEntries(NAMES.flatMap((name) => (filters[name] === "" ? [] : [[name, filters[name]]])));
  const query = useAsk(
    "searchAudit",
    { query: { ...asked, count: 25, ...(cursor !== undefined && { cursor }) } },
    { keepsPrevious: true },
  );
  return (
    <Stack gap="lg">
      <ChartFinder onFound={(patient) => set({ patient })} />
      <FilterForm key={key} filters={filters} onSearch={set} />
      <Section title={t("results")}>
        <AskState
          query={query}
          label={t("results")}
          isEmpty={({ events }) => events.length === 0}
          empty={<EmptyState title={t("empty")} hint={t("emptyHint")} />}
        >
          {(page) => (
            <Stack>
              <EventTable page={page} caption={t("results")} />
              <Pager
                isFirst={cursor === undefined}
                next={page.next}
                onFirst={() => setAt(undefined)}
                onNext={(next) => setAt({ key, cursor: next })}
              />
            </Stack>
          )}
        </AskState>
      </Section>
    </Stack>
  );
}
