import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import type { OwnVisit } from "../../../../core/contract/index.ts";
import { useAct } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Badge,
  Button,
  ButtonRow,
  Card,
  ConfirmDialog,
  LinkButton,
  notify,
  ProblemState,
  Row,
  Stack,
  Text,
  type Tone,
} from "../../ui/index.ts";
import { addressed } from "../note/note-address.ts";
import { summaryMessages } from "../visit-summary/messages.ts";
import { OWN_SUMMED_UP } from "../visit-summary/which.ts";
import { visitMessages, visitRules } from "./messages.ts";

const TONES: Readonly<Record<OwnVisit["stage"], Tone>> = {
  booked: "info",
  arrived: "success",
  roomed: "success",
  "in-visit": "success",
  ready: "success",
  completed: "neutral",
  cancelled: "neutral",
  "no-show": "warning",
};

const REFRESH = ["listOwnVisits", "readOwnHome"] as const;

/** When a visit is, on the clinic's clock. */
export function useVisitWhen(): (visit: Pick<OwnVisit, "day" | "start">) => string {
  const format = useFormat();
  return ({ day, start }) =>
    `${format.weekday(day)}, ${format.time(start.at)}${start.offset === undefined ? "" : ` (${start.offset})`}`;
}

/** One visit, with what can still be done about it. */
export function VisitCard({ visit }: { readonly visit: OwnVisit }) {
  const [t, say, format, whenOf] = [useText(visitMessages), useText(summaryMessages), useFormat(), useVisitWhen()];
  const [isCancelling, setIsCancelling] = useState(false);
  const { id, version, minutes, stage, provider, place, reason, visitType, mayCancel } = visit;
  const when = whenOf(visit);
  const confirming = useAct("confirmOwnVisit", {
    refresh: REFRESH,
    onDone: () => notify({ text: t("thanks"), tone: "success" }),
  });
  const cancelling = useAct("cancelOwnVisit", {
    refresh: [...REFRESH, "findOwnTimes"],
    onDone: () => {
      notify({ text: t("cancelled"), tone: "info" });
      setIsCancelling(false);
    },
  });
  const facts = [
    [visitType, t("minutes", { count: minutes })].filter((part) => part !== undefined).join(", "),
    provider === undefined ? undefined : t("with", { name: provider }),
    place === undefined ? undefined : t("where", { name: place }),
    reason === undefined ? undefined : t("why", { text: reason }),
  ].filter((line) => line !== undefined);
  const until = mayCancel.state === "no" ? undefined : mayCancel.until;
  const untilText = until === undefined ? "" : `${format.weekday(until.day)}, ${format.time(until.at.at)}`;
  return (
    <Card title={when} level={3} state={<Badge tone={TONES[stage]} text={t(`stage.${stage}`)} />}>
      <Stack gap="sm">
        {facts.map((line) => (
          <Text key={line}>{line}</Text>
        ))}
        {visit.isConfirmed && (
          <Row>
            <Badge tone="success" icon={IconCheck} text={t("confirmed")} />
          </Row>
        )}
        {mayCancel.state !== "no" && (
          <Text size="sm" tone="muted">
            {mayCancel.state === "yes" ? t("cancelUntil", { when: untilText }) : t("tooLate")}
          </Text>
        )}
        {confirming.problem !== undefined && <ProblemState problem={confirming.problem} rules={visitRules(t)} />}
        {(visit.mayConfirm || mayCancel.state === "yes") && (
          <ButtonRow>
            {visit.mayConfirm && (
              <Button
                size="lg"
                tone="primary"
                label={t("confirmOf", { when })}
                isPending={confirming.isPending}
                onClick={() => void confirming.act({ path: { id }, body: { version } })}
              >
                {t("confirm")}
              </Button>
            )}
            {mayCancel.state === "yes" && (
              <Button size="lg" label={t("cancelOf", { when })} onClick={() => setIsCancelling(true)}>
                {t("cancel")}
              </Button>
            )}
          </ButtonRow>
        )}
        {OWN_SUMMED_UP.has(stage) && (
          <ButtonRow>
            <LinkButton
              to="/app/my/visits/$visit"
              params={{ visit: addressed(id) }}
              size="lg"
              label={say("openOf", { visit: when })}
            >
              {say("open")}
            </LinkButton>
          </ButtonRow>
        )}
      </Stack>
      {isCancelling && (
        <ConfirmDialog
          title={t("cancelTitle")}
          isOpen
          tone="danger"
          confirmLabel={t("cancelNow")}
          isPending={cancelling.isPending}
          problem={cancelling.problem}
          onClose={() => setIsCancelling(false)}
          onConfirm={() => void cancelling.act({ path: { id }, body: { version } })}
        >
          <Text>{t("cancelText", { when })}</Text>
        </ConfirmDialog>
      )}
    </Card>
  );
}
