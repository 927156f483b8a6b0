import { useState } from "react";
import type { Bookable, OwnFreeTimes } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useFormat, useText, useToday } from "../../i18n/index.ts";
import {
  AskState,
  Button,
  DateField,
  Drawer,
  EmptyState,
  Form,
  List,
  notify,
  SelectField,
  Stack,
  Text,
  TextAreaField,
} from "../../ui/index.ts";
import { visitMessages, visitRules } from "./messages.ts";

type Time = OwnFreeTimes["times"][number];

interface Wanted {
  readonly visitType: string;
  readonly provider: string;
  readonly from: string;
}

interface TimesProps {
  readonly wanted: Wanted;
  readonly onChosen: (time: Time) => void;
}

/** The free times of two weeks, a button each: what it books stands on it. */
function Times({ wanted: { visitType, provider, from }, onChosen }: TimesProps) {
  const [t, format] = [useText(visitMessages), useFormat()];
  const query = useAsk(
    "findOwnTimes",
    { query: { visitType, from, ...(provider !== "" && { provider }) } },
    { freshMs: 0 },
  );
  return (
    <AskState
      query={query}
      label={t("times")}
      rules={visitRules(t)}
      isEmpty={({ times }) => times.length === 0}
      empty={<EmptyState isCompact title={t("noTimes")} hint={t("noTimesHint")} />}
    >
      {({ times }) => (
        <List label={t("times")} items={times} itemKey={({ start, provider: who }) => `${start.at}${who?.id ?? ""}`}>
          {(time) => {
            const when = `${format.weekday(time.day)}, ${format.time(time.start.at)}`;
            return (
              <Button size="lg" isWide onClick={() => onChosen(time)} label={t("choose", { when })}>
                {[when, time.provider?.name].filter((part) => part !== undefined).join(" · ")}
              </Button>
            );
          }}
        </List>
      )}
    </AskState>
  );
}

interface BookDrawerProps {
  readonly booking: Bookable;
  readonly onClose: () => void;
}

/** Books a free time in two steps: when, and why. What is taken meanwhile is refused by the server. */
export function BookDrawer({ booking, onClose }: BookDrawerProps) {
  const [t, format, today] = [useText(visitMessages), useFormat(), useToday()];
  const [visitType, setVisitType] = useState(booking.visitTypes[0]?.id ?? "");
  const [provider, setProvider] = useState("");
  const [from, setFrom] = useState(today);
  const [time, setTime] = useState<Time | undefined>(undefined);
  const { act, problem } = useAct("bookOwnVisit", {
    refresh: ["listOwnVisits", "readOwnHome", "findOwnTimes"],
    onDone: () => {
      notify({ text: t("booked"), tone: "success" });
      onClose();
    },
  });
  return (
    <Drawer title={t("book")} isOpen onClose={onClose}>
      {time === undefined ? (
        <Stack>
          <SelectField
            label={t("kind")}
            value={visitType}
            onChange={setVisitType}
            isRequired
            choices={booking.visitTypes.map(({ id, name }) => ({ value: id, label: name }))}
          />
          <SelectField
            label={t("who")}
            value={provider}
            onChange={setProvider}
            placeholder={t("anyone")}
            choices={booking.providers.map(({ id, name }) => ({ value: id, label: name }))}
          />
          <DateField label={t("from")} value={from} onChange={setFrom} />
          <Text size="sm" tone="muted">
            {t("zone")}
          </Text>
          {visitType !== "" && from !== "" && <Times wanted={{ visitType, provider, from }} onChosen={setTime} />}
        </Stack>
      ) : (
        <Stack>
          <Text isStrong>{`${t("chosen")}: ${format.weekday(time.day)}, ${format.time(time.start.at)}`}</Text>
          {time.provider !== undefined && <Text>{t("with", { name: time.provider.name })}</Text>}
          <Form<{ readonly reason?: string }>
            label={t("book")}
            loading={false}
            problem={problem}
            rules={visitRules(t)}
            submitLabel={t("bookThis")}
            cancelLabel={t("back")}
            onCancel={() => setTime(undefined)}
            onSubmit={({ reason = "" }) =>
              act({
                body: {
                  visitType,
                  day: time.day,
                  time: time.start.time,
                  ...(time.start.occurrence !== undefined && { occurrence: time.start.occurrence }),
                  ...(time.provider !== undefined && { provider: time.provider.id }),
                  ...(reason.trim() !== "" && { reason: reason.trim() }),
                },
              })
            }
          >
            <TextAreaField name="reason" label={t("reason")} hint={t("reasonHint")} rows={3} maxLength={500} />
          </Form>
        </Stack>
      )}
    </Drawer>
  );
}
