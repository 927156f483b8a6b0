import { useState } from "react";
import type { CodeView, PeopleAct, PersonDetail } from "../../../../core/contract/index.ts";
import { type Act, useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Button, ButtonRow, Card, ConfirmDialog, notify, Stack, Text } from "../../ui/index.ts";
import { CodeShown } from "./code-shown.tsx";
import { peopleMessages, peopleRules } from "./messages.ts";
import { reasonChoices, reasonHeader } from "./reason.ts";

type Confirmed = Exclude<PeopleAct, "roles">;

const SHOWN = ["roles", "end-sign-ins", "code", "end", "restore"] as const satisfies readonly PeopleAct[];
const WORDS = {
  "end-sign-ins": { label: "endSignIns", title: "endSignInsTitle", text: "endSignInsText", confirm: "endSignIns" },
  reset: { label: "reset", title: "resetTitle", text: "resetText", confirm: "resetDo" },
  again: { label: "again", title: "againTitle", text: "againText", confirm: "againDo" },
  end: { label: "end", title: "endTitle", text: "endText", confirm: "endDo" },
  restore: { label: "restore", title: "restoreTitle", text: "restoreText", confirm: "restore" },
} as const;

interface ActsProps {
  readonly person: PersonDetail;
  readonly onRoles: () => void;
}

/** What may be done to a person's access, each in plain words with a reason; what is forbidden says why. */
export function Acts({ person, onRoles }: ActsProps) {
  const t = useText(peopleMessages);
  const [asked, setAsked] = useState<Confirmed | undefined>(undefined);
  const [shown, setShown] = useState<CodeView | undefined>(undefined);
  const done = (text: string) => ({
    refresh: ["listStaff", "readPerson"] as const,
    onDone: () => {
      notify({ text });
      setAsked(undefined);
    },
  });
  const end = useAct("endAccess", done(t("ended")));
  const restore = useAct("restoreAccess", done(t("restored")));
  const endSignIns = useAct("endPersonSignIns", done(t("signInsEnded")));
  const code = useAct("issueCode", {
    refresh: ["listStaff", "readPerson"],
    onDone: ({ enrolment }) => {
      setAsked(undefined);
      setShown(enrolment);
    },
  });
  const acts: Readonly<Record<Confirmed, Pick<Act<"endAccess">, "isPending" | "problem" | "reset">>> = {
    end,
    restore,
    "end-sign-ins": endSignIns,
    code,
  };
  const { id, name, version, blocked, state } = person;
  const isFirst = state === "invited" || state === "lapsed";
  const wordsOf = (act: Confirmed) => WORDS[act === "code" ? (isFirst ? "again" : "reset") : act];
  const confirm = (act: Confirmed, headers: Readonly<Record<string, string>>): unknown => {
    const ask = { path: { id }, body: {}, headers };
    if (act === "code") return code.act(ask);
    const over = { ...ask, ifMatch: version };
    return act === "end" ? end.act(over) : act === "restore" ? restore.act(over) : endSignIns.act(over);
  };
  // The way back stands in the place of the way out.
  const offered = SHOWN.filter((act) => (state === "ended" ? act === "restore" : act !== "restore"));
  const reasons = [...new Set(offered.flatMap((act) => blocked[act] ?? []))];
  const rules = peopleRules(t);
  const words = asked === undefined ? undefined : wordsOf(asked);
  return (
    <Card title={t("acts")}>
      <Stack>
        {person.isSelf ? (
          <Text tone="muted">{t("actsSelf")}</Text>
        ) : (
          <>
            <ButtonRow>
              {offered.map((act) => (
                <Button
                  key={act}
                  tone={act === "end" ? "danger" : "secondary"}
                  isDisabled={blocked[act] !== undefined}
                  onClick={() => (act === "roles" ? onRoles() : setAsked(act))}
                >
                  {act === "roles" ? t("changeRoles") : t(wordsOf(act).label)}
                </Button>
              ))}
            </ButtonRow>
            {reasons.map((rule) => (
              <Text key={rule} size="sm" tone="muted">
                {rules[rule]}
              </Text>
            ))}
          </>
        )}
      </Stack>
      {asked !== undefined && words !== undefined && (
        <ConfirmDialog
          title={t(words.title, { name })}
          isOpen
          onClose={() => {
            acts[asked].reset();
            setAsked(undefined);
          }}
          tone={asked === "restore" ? "default" : "danger"}
          confirmLabel={t(words.confirm)}
          reason={{ label: t("words"), minimum: 3, codes: reasonChoices(t) }}
          isPending={acts[asked].isPending}
          problem={acts[asked].problem}
          onConfirm={({ code: why, reason }) => confirm(asked, reasonHeader(why, reason))}
        >
          <Text>{t(words.text)}</Text>
        </ConfirmDialog>
      )}
      {shown !== undefined && <CodeShown name={name} enrolment={shown} onClose={() => setShown(undefined)} />}
    </Card>
  );
}
