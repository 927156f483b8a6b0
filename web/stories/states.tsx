import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../src/api/problem.ts";
import { connection } from "../src/app/connection.ts";
import {
  AskState,
  type Asked,
  Card,
  Columns,
  EmptyState,
  Field,
  type FieldState,
  LinkButton,
  ProblemState,
  RestrictedState,
  Skeleton,
  Stack,
  StaleBar,
  Text,
} from "../src/ui/index.ts";
import type { Story } from "./story.ts";

const fields: readonly (readonly [string, FieldState])[] = [
  ["Value", { state: "value", value: "Penicillin G" }],
  ["No record", { state: "absent" }],
  ["Masked", { state: "masked", value: "***-**-1234" }],
  ["Restricted by role", { state: "restricted", reason: "minimum-necessary", howToAsk: "ask-the-clinician" }],
  ["Restricted by consent", { state: "restricted", reason: "consent", howToAsk: "ask-the-patient" }],
  ["Restricted by law", { state: "restricted", reason: "no-right-of-access", howToAsk: "privacy-officer" }],
  ["Unavailable", { state: "unavailable", reason: "not-read" }],
  ["Stale", { state: "stale", value: "120/80", asOf: "2026-11-22T14:05:00Z" }],
];

const asked = (over: Partial<Asked<readonly string[]>>): Asked<readonly string[]> => ({
  data: undefined,
  error: null,
  dataUpdatedAt: Date.parse("2026-11-22T16:42:00Z"),
  isPending: false,
  isFetching: false,
  refetch: () => Promise.resolve(),
  ...over,
});

const card = (title: string, query: Asked<readonly string[]>): ReactNode => (
  <Card title={title} level={3}>
    <AskState
      query={query}
      label="allergies"
      empty={
        <EmptyState isCompact title="No allergies recorded" hint="Ask, then add one, or record that there are none." />
      }
    >
      {(found) => <Text>{found.join(", ")}</Text>}
    </AskState>
  </Card>
);

/** Offline is of the whole page: this story is looked at alone. */
function Offline() {
  const query = useQuery<readonly string[], Problem>({
    queryKey: ["story"],
    queryFn: () => {
      connection.lost();
      return ["Penicillin G"];
    },
  });
  return card("Offline", query);
}

export const offline: readonly Story[] = [
  { id: "ask-state-offline", title: "AskState offline", render: () => <Offline /> },
];

export const stories: readonly Story[] = [
  {
    id: "field",
    title: "Field in every state",
    render: () => (
      <Columns min="lg">
        {fields.map(([label, field]) => (
          <Field key={label} label={label} field={field} onAsk={() => undefined} onRetry={() => undefined} />
        ))}
      </Columns>
    ),
  },
  {
    id: "ask-state",
    title: "AskState in every state",
    render: () => (
      <Columns>
        {card("Loading", asked({ isPending: true }))}
        {card("Loaded", asked({ data: ["Penicillin G"] }))}
        {card("Empty", asked({ data: [] }))}
        {card("Unavailable", asked({ error: new Problem({ kind: "unavailable", status: 503 }) }))}
        {card("Failed", asked({ error: new Problem({ kind: "exception", status: 500, requestId: "req-0001" }) }))}
        {card("Restricted", asked({ error: new Problem({ kind: "forbidden", status: 403 }) }))}
        {card("Stale", asked({ data: ["Penicillin G"], error: new Problem({ kind: "unavailable", status: 0 }) }))}
        {card("Withdrawn", asked({ data: ["Penicillin G"], error: new Problem({ kind: "forbidden", status: 403 }) }))}
      </Columns>
    ),
  },
  {
    id: "whole-states",
    title: "EmptyState, RestrictedState, ProblemState, Skeleton, StaleBar",
    render: () => (
      <Stack>
        <EmptyState
          title="No visits today"
          hint="Book one, or take a walk-in."
          action={<LinkButton to="/app/">Book</LinkButton>}
        />
        <RestrictedState reason="consent" howToAsk="ask-the-patient" onAsk={() => undefined} />
        <ProblemState problem={new Problem({ kind: "version-conflict", status: 412 })} onRetry={() => undefined} />
        <Skeleton label="the chart" lines={4} />
        <StaleBar text="May be out of date" onRetry={() => undefined} />
      </Stack>
    ),
  },
];
