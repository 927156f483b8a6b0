import { useState } from "react";
import type { NoteCheckView, NoteView } from "../../../../core/contract/index.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useConnection } from "../../app/connection.ts";
import { useGo } from "../../app/navigation.ts";
import {
  Alert,
  AskState,
  Button,
  CheckboxField,
  Dialog,
  List,
  notify,
  ProblemState,
  Row,
  Stack,
  Text,
} from "../../ui/index.ts";
import { CHANGED_BY_NOTES } from "./changed.ts";
import { focusField } from "./focus.ts";
import { useWords } from "./words.ts";

const keyOf = ({ rule, at }: NoteCheckView): string => `${rule} ${"section" in at ? at.section : at.tab}`;

interface SignDialogProps {
  readonly note: NoteView;
  readonly isLocking: boolean;
  /** What the server holds of the text that is signed. */
  readonly held: { readonly version: number; readonly draft: number };
  readonly onClose: () => void;
}

/** The last look before a signature: what is still to be done, and as whom it is signed. */
export function SignDialog({ note, isLocking, held, onClose }: SignDialogProps) {
  const { t, rules } = useWords();
  const { isOnline } = useConnection();
  const [seen, setSeen] = useState<readonly string[]>([]);
  const query = useAsk("checkNote", { path: { id: note.id }, query: {} }, { freshMs: 0 });
  const sign = useAct("signNote", {
    refresh: CHANGED_BY_NOTES,
    onDone: () => {
      notify({ text: t(isLocking ? "signedLocked" : "signed") });
      onClose();
    },
  });
  const checks = query.data?.checks ?? [];
  const musts = checks.filter(({ weight }) => weight === "must");
  const warnings = [...new Set(checks.filter(({ weight }) => weight === "should").map(({ rule }) => rule))];
  // What is looked at here must be what she has before her.
  const isElsewhere =
    query.data !== undefined && (query.data.version !== held.version || query.data.draft !== held.draft);
  const isReady =
    query.data !== undefined &&
    !isElsewhere &&
    !query.isFetching &&
    musts.length === 0 &&
    warnings.every((rule) => seen.includes(rule));
  return (
    <Dialog
      title={t("signTitle")}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button
            tone="primary"
            isDisabled={!isReady || !isOnline}
            isPending={sign.isPending}
            onClick={() => {
              const body = { ...held, isLocking, acknowledged: warnings };
              void sign.act({ path: { id: note.id }, body });
            }}
          >
            {t(isLocking ? "signAndLock" : "sign")}
          </Button>
        </>
      }
    >
      <Stack>
        <Text size="lg" isStrong>
          {t("signingAs", { name: note.signingAs.name })}
        </Text>
        <Text>{t(isLocking ? "signLocks" : "signOpen")}</Text>
        <Text tone="muted">{t("signExplains")}</Text>
        <AskState query={query} label={t("checking")} isEmpty={() => false}>
          {() => <Checks checks={checks} patient={note.patient} seen={seen} onSeen={setSeen} onClose={onClose} />}
        </AskState>
        {isElsewhere && !query.isFetching && <Alert tone="warning" title={t("signElsewhere")} isLive />}
        {!isOnline && <Alert tone="warning" title={t("signOffline")} isLive />}
        {sign.problem !== undefined && <ProblemState problem={sign.problem} rules={rules} />}
      </Stack>
    </Dialog>
  );
}

interface ChecksProps {
  readonly checks: readonly NoteCheckView[];
  readonly patient: string;
  readonly seen: readonly string[];
  readonly onSeen: (rules: readonly string[]) => void;
  readonly onClose: () => void;
}

function Checks({ checks, patient, seen, onSeen, onClose }: ChecksProps) {
  const { t } = useWords();
  const go = useGo();
  const wordsOf = ({ rule, at }: NoteCheckView): string =>
    t(`check.${rule}`, { title: "section" in at ? at.title : "" });
  const lead = ({ rule, at }: NoteCheckView): void => {
    onClose();
    if ("section" in at) return void setTimeout(() => focusField(at.title), 0);
    if (rule === "allergies-not-reviewed") return void setTimeout(() => focusField(t("allergiesReviewed")), 0);
    // The chart opens with its allergies in sight.
    go({ to: "/app/patients/$patient", params: { patient }, search: at.tab === "vitals" ? { tab: "vitals" } : {} });
  };
  const musts = checks.filter(({ weight }) => weight === "must");
  const shoulds = checks.filter(({ weight }) => weight === "should");
  if (checks.length === 0) return <Alert tone="success" title={t("checksDone")} />;
  return (
    <Stack>
      {musts.length > 0 && (
        <Alert tone="danger" title={t("checksMust")}>
          <List label={t("checksMust")} items={musts} itemKey={keyOf}>
            {(check) => (
              <Row justify="between">
                <Text as="span">{wordsOf(check)}</Text>
                <Button size="sm" onClick={() => lead(check)} label={`${t("goThere")}: ${wordsOf(check)}`}>
                  {t("goThere")}
                </Button>
              </Row>
            )}
          </List>
        </Alert>
      )}
      {shoulds.length > 0 && (
        <Alert tone="warning" title={t("checksShould")}>
          <List label={t("checksShould")} items={shoulds} itemKey={keyOf}>
            {(check) => (
              <Stack gap="xs">
                <Row justify="between">
                  <Text as="span">{wordsOf(check)}</Text>
                  <Button size="sm" onClick={() => lead(check)} label={`${t("goThere")}: ${wordsOf(check)}`}>
                    {t("goThere")}
                  </Button>
                </Row>
                <CheckboxField
                  label={`${t("acknowledge")}: ${wordsOf(check)}`}
                  value={seen.includes(check.rule)}
                  onChange={(isSeen) =>
                    onSeen(isSeen ? [...seen, check.rule] : seen.filter((rule) => rule !== check.rule))
                  }
                />
              </Stack>
            )}
          </List>
        </Alert>
      )}
    </Stack>
  );
}
