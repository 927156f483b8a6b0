import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import type { HoldView } from "../../../../core/contract/index.ts";
import type { BodyOf } from "../../api/client.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { useFormat, useText } from "../../i18n/index.ts";
import {
  Alert,
  Badge,
  Button,
  type Column,
  ConfirmDialog,
  Dialog,
  Form,
  notify,
  RadioField,
  SelectField,
  Stack,
  Text,
  TextAreaField,
  TextField,
} from "../../ui/index.ts";
import { governMessages } from "../govern/messages.ts";
import { TableSection } from "../govern/table-section.tsx";
import { nameIn, ChartLink, shortId } from "../govern/who.tsx";
import { privacyMessages } from "./messages.ts";
import { privacyWord, rulesOf } from "./rules.ts";

const PLACEMENT = ["litigation", "investigation", "regulator", "dispute", "preservation"] as const;
export const RELEASE = ["matter-closed", "court-order", "placed-in-error"] as const;
const MATTER_MIN = 10;

interface Values {
  readonly patient: string;
  readonly mode: "frozen" | "restricted";
  readonly reason: BodyOf<"placeHold">["reason"];
}

function PlaceDialog({ onClose }: { readonly onClose: () => void }) {
  const [t, shared] = [useText(privacyMessages), useText(governMessages)];
  const { act, problem } = useAct("placeHold", {
    refresh: ["listHolds"],
    onDone: () => {
      notify({ text: t("placed") });
      onClose();
    },
  });
  return (
    <Dialog title={t("placeTitle")} isOpen onClose={onClose} closesLightly={false}>
      <Stack>
        <Alert tone="warning" title={t("placeText")} />
        <Form<Values>
          label={t("placeTitle")}
          loading={false}
          defaults={{ mode: "frozen" }}
          problem={problem}
          rules={rulesOf(t)}
          submitLabel={t("place")}
          submitTone="danger"
          onCancel={onClose}
          onSubmit={(values) => act({ body: values })}
        >
          <TextField
            name="patient"
            label={shared("chartId")}
            hint={shared("chartIdHint")}
            isRequired
            isCode
            maxLength={64}
          />
          <RadioField
            name="mode"
            label={t("mode")}
            isRequired
            choices={(["frozen", "restricted"] as const).map((value) => ({
              value,
              label: t(`mode.${value}`),
              hint: t(`mode.${value}Hint`),
            }))}
          />
          <SelectField
            name="reason.code"
            label={t("reason")}
            isRequired
            choices={PLACEMENT.map((value) => ({ value, label: t(`reason.${value}`) }))}
          />
          <TextAreaField
            name="reason.text"
            label={t("matterText")}
            hint={t("matterHint")}
            isRequired
            maxLength={500}
            validate={(value) => (value.trim().length < MATTER_MIN ? t("matterShort") : undefined)}
          />
        </Form>
      </Stack>
    </Dialog>
  );
}

/** Asks for the second person; nothing changes by it. */
function AskRelease({ hold, onClose }: { readonly hold: HoldView; readonly onClose: () => void }) {
  const t = useText(privacyMessages);
  const { act, isPending, problem } = useAct("releaseHold", {
    refresh: ["listApprovals", "listHolds"],
    onDone: () => {
      notify({ text: t("releaseAsked"), tone: "info" });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("askReleaseTitle")}
      isOpen
      onClose={onClose}
      confirmLabel={t("askRelease")}
      reason={{
        label: t("matterText"),
        minimum: MATTER_MIN,
        codes: RELEASE.map((value) => ({ value, label: t(`reason.${value}`) })),
      }}
      isPending={isPending}
      problem={problem}
      onConfirm={({ reason, code }) =>
        void act({
          path: { patient: hold.patient },
          body: { reason: { code: code as (typeof RELEASE)[number], text: reason } },
        })
      }
    >
      <Text>{t("askReleaseText")}</Text>
    </ConfirmDialog>
  );
}

/** Charts that stay as they are: who placed it, for which matter, and the way to ask for the release. */
export function Holds() {
  const [t, shared, format] = [useText(privacyMessages), useText(governMessages), useFormat()];
  const can = useCan();
  const [isPlacing, setIsPlacing] = useState(false);
  const [releasing, setReleasing] = useState<HoldView | undefined>(undefined);
  const query = useAsk("listHolds");
  const people = query.data?.people ?? {};
  const place = can("hold.place") && (
    <Button tone="primary" icon={IconLock} onClick={() => setIsPlacing(true)}>
      {t("place")}
    </Button>
  );
  const columns: readonly Column<HoldView>[] = [
    { id: "record", label: t("record"), isRowHeader: true, render: ({ patient }) => <ChartLink id={patient} /> },
    {
      id: "mode",
      label: t("mode"),
      render: ({ mode }) => (
        <Badge tone={mode === "restricted" ? "danger" : "warning"} text={privacyWord(t, "mode", mode)} />
      ),
    },
    { id: "reason", label: t("reason"), render: ({ reason }) => privacyWord(t, "reason", reason.code) },
    { id: "matter", label: t("matter"), render: ({ reason }) => <Text as="span">{reason.text}</Text> },
    { id: "by", label: t("placedBy"), render: ({ placedBy }) => nameIn(people, placedBy, shared) },
    { id: "at", label: t("placedAt"), render: ({ placedAt }) => format.dateTime(placedAt) },
    {
      id: "do",
      label: t("askRelease"),
      hidesLabel: true,
      isNarrow: true,
      render: (hold) =>
        can("hold.release") && (
          <Button
            size="sm"
            label={t("askReleaseOf", { record: shortId(hold.patient) })}
            onClick={() => setReleasing(hold)}
          >
            {t("askRelease")}
          </Button>
        ),
    },
  ];
  return (
    <TableSection
      title={t("holdsTitle")}
      intro={t("holdsIntro")}
      query={query}
      rowsOf={({ holds }) => holds}
      columns={columns}
      rowKey={({ id }) => id}
      emptyTitle={t("holdsEmpty")}
      emptyHint={t("holdsEmptyHint")}
      action={place}
    >
      {isPlacing && <PlaceDialog onClose={() => setIsPlacing(false)} />}
      {releasing !== undefined && <AskRelease hold={releasing} onClose={() => setReleasing(undefined)} />}
    </TableSection>
  );
}
