import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useState } from "react";
import type { ReadinessAnswer } from "../../../../core/contract/index.ts";
import { Problem } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { requireStepUp, useCan, useSession } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  AskState,
  Badge,
  Button,
  ButtonRow,
  Card,
  ConfirmDialog,
  Link,
  List,
  notify,
  Row,
  Stack,
  Text,
} from "../../ui/index.ts";
import { privacyMessages } from "./messages.ts";

/** Shows both factors again; a dialog that is closed without changes nothing. */
async function showFactors(then: () => unknown): Promise<void> {
  try {
    await requireStepUp();
    then();
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
  }
}

function Items({ readiness, onShown }: { readonly readiness: ReadinessAnswer; readonly onShown: () => void }) {
  const t = useText(privacyMessages);
  const can = useCan();
  return (
    <List label={t("checklist")} items={readiness.items} itemKey={({ item }) => item}>
      {({ item, isDone }) => (
        <Row justify="between">
          <Row gap="sm">
            <Badge
              tone={isDone ? "success" : "warning"}
              icon={isDone ? IconCircleCheck : IconCircleDashed}
              text={t(isDone ? "itemDone" : "itemOpen")}
            />
            <Text as="span">{t(`item.${item}`)}</Text>
          </Row>
          {item === "time-zone" && !isDone && can("clinic.change") && <Link to="/app/settings">{t("toHours")}</Link>}
          {item === "step-up" && !isDone && (
            <Button size="sm" onClick={() => void showFactors(onShown)}>
              {t("showFactors")}
            </Button>
          )}
        </Row>
      )}
    </List>
  );
}

/** What the clinic settles before it takes in patients, as the server has it, and the act that opens it. */
export function Checklist() {
  const [t, format] = [useText(privacyMessages), useFormat()];
  const { tenant } = useSession();
  const can = useCan();
  const [isAsking, setIsAsking] = useState(false);
  const query = useAsk("readReadiness");
  const open = useAct("openClinic", {
    refresh: ["readReadiness"],
    onDone: () => {
      setIsAsking(false);
      notify({ text: t("opened") });
    },
  });
  return (
    <AskState query={query} label={t("checklist")}>
      {(readiness) => {
        const { state, liveSince, items } = readiness;
        if (state === "live") {
          return (
            <Alert tone="success" title={t("checklistLive")}>
              {liveSince !== undefined && <Text>{t("checklistLiveSince", { when: format.dateTime(liveSince) })}</Text>}
            </Alert>
          );
        }
        const isReady = items.every(({ isDone }) => isDone);
        return (
          <Card title={t("checklist")} tone={isReady ? "info" : "warning"}>
            <Stack>
              <Text>{t(isReady ? "checklistReady" : "checklistGated")}</Text>
              <Items readiness={readiness} onShown={() => void query.refetch()} />
              {can("settings.go-live") && (
                <ButtonRow>
                  <Button tone="primary" isDisabled={!isReady} onClick={() => setIsAsking(true)}>
                    {t("openClinic")}
                  </Button>
                </ButtonRow>
              )}
            </Stack>
            <ConfirmDialog
              title={t("openClinicTitle")}
              isOpen={isAsking}
              onClose={() => setIsAsking(false)}
              confirmLabel={t("openClinic")}
              typed={tenant.name}
              isPending={open.isPending}
              problem={open.problem}
              onConfirm={() => void open.act({ body: { confirm: tenant.name } })}
            >
              <Text>{t("openClinicText")}</Text>
            </ConfirmDialog>
          </Card>
        );
      }}
    </AskState>
  );
}
