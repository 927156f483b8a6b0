import { useEffect, useState } from "react";
import { useAsk } from "../../api/hooks.ts";
import { AskState, EmptyState, LinkButton, LiveText, Section, Stack, TextField } from "../../ui/index.ts";
import { PatientTable } from "./patient-table.tsx";
import { useWords } from "./words.ts";

const PAUSE_MS = 200;
const FROM_CHARACTERS = 2;

/** What was typed once it has rested for a moment. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

interface FinderProps {
  readonly label: string;
  readonly onChoose?: (id: string) => void;
  /** Who is not to be found here, as the chart that somebody looks for a duplicate of. */
  readonly except?: string;
  readonly mayRegister: boolean;
}

/** A field, and below it who meets what is typed; while nothing is, whom the member opened last. */
export function Finder({ label, onChoose, except, mayRegister }: FinderProps) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const asked = useRested(text).trim();
  const isAsked = asked.length >= FROM_CHARACTERS;
  const found = useAsk(
    "searchPatients",
    { body: { text: asked } },
    { isEnabled: isAsked, keepsPrevious: true, freshMs: 0 },
  );
  const recent = useAsk("recentPatients", {}, { isEnabled: !isAsked, freshMs: 0 });
  const others = <T extends { readonly id: string }>(rows: readonly T[]): readonly T[] =>
    rows.filter(({ id }) => id !== except);
  const choose = onChoose === undefined ? {} : { onChoose };
  const count = found.data?.total ?? 0;
  const shown = found.data?.patients.length ?? 0;
  return (
    <Stack>
      <TextField
        label={label}
        hint={t("findHint")}
        kind="search"
        value={text}
        onChange={setText}
        maxLength={120}
        hasFocus
      />
      {isAsked ? (
        <Section title={t("results")}>
          <AskState query={found} label={t("results")}>
            {({ patients }) => (
              <Stack>
                <LiveText>{count > shown ? t("resultCapped", { shown, count }) : t("resultCount", { count })}</LiveText>
                {patients.length === 0 ? (
                  <EmptyState
                    title={t("nobody")}
                    hint={t("nobodyHint")}
                    action={mayRegister ? <LinkButton to="/app/patients/new">{t("register")}</LinkButton> : undefined}
                  />
                ) : (
                  <PatientTable caption={t("results")} rows={others(patients)} empty={t("nobody")} {...choose} />
                )}
              </Stack>
            )}
          </AskState>
        </Section>
      ) : (
        <Section title={t("recent")}>
          <AskState query={recent} label={t("recent")}>
            {({ patients }) => (
              <PatientTable caption={t("recent")} rows={others(patients)} empty={t("recentEmpty")} {...choose} />
            )}
          </AskState>
        </Section>
      )}
    </Stack>
  );
}
