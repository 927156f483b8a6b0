import type { BodyOf } from "../../api/client.ts";
import { useAct } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { DateField, Drawer, Form, notify, SelectField, Stack, Text, TextAreaField } from "../../ui/index.ts";
import { visitMessages } from "./messages.ts";

type Body = BodyOf<"wishVisit">;
const TIMES = ["any", "morning", "midday", "afternoon"] as const satisfies readonly Body["times"][];

interface Values {
  readonly reason: string;
  readonly times: Body["times"];
  readonly from?: string;
}

/** Asks for a visit in words: it becomes a message to the desk. */
export function WishDrawer({ onClose }: { readonly onClose: () => void }) {
  const t = useText(visitMessages);
  const { act, problem } = useAct("wishVisit", {
    refresh: ["listOwnThreads"],
    onDone: () => {
      notify({ text: t("wished"), tone: "success" });
      onClose();
    },
  });
  return (
    <Drawer title={t("wish")} isOpen onClose={onClose}>
      <Stack>
        <Text>{t("wishHint")}</Text>
        <Form<Values>
          label={t("wish")}
          loading={false}
          defaults={{ times: "any" }}
          problem={problem}
          submitLabel={t("sendWish")}
          onCancel={onClose}
          onSubmit={({ reason, times, from = "" }) => act({ body: { reason, times, ...(from !== "" && { from }) } })}
        >
          <TextAreaField name="reason" label={t("wishReason")} isRequired rows={4} maxLength={500} />
          <SelectField
            name="times"
            label={t("wishTime")}
            isRequired
            choices={TIMES.map((value) => ({ value, label: t(`time.${value}`) }))}
          />
          <DateField name="from" label={t("wishFrom")} />
        </Form>
      </Stack>
    </Drawer>
  );
}
