import { IconAlertOctagon } from "@tabler/icons-react";
import { useEffect } from "react";
import table from "virtual:routes";
import type { RouteName } from "../../../../core/contract/index.ts";
import { askAgain } from "../../api/cache.ts";
import { useAct, useAsk } from "../../api/hooks.ts";
import { forgetEmergency, type OpenEmergency, openEmergencies, rememberEmergency } from "../../app/emergencies.ts";
import { useSession } from "../../app/session.tsx";
import { useStore } from "../../app/store.ts";
import { useText } from "../../i18n/index.ts";
import { AlarmFrame, Button, Countdown, Link, notify, Row, Text } from "../../ui/index.ts";
import { shortId } from "../govern/who.tsx";
import { breakGlassMessages } from "./messages.ts";

const EVERYTHING = Object.keys(table) as RouteName[];

function Episode({ id, patient, expiresAt }: OpenEmergency) {
  const t = useText(breakGlassMessages);
  const { act, isPending } = useAct("endBreakGlass", {
    refresh: EVERYTHING,
    onDone: () => {
      // Before anything is asked again: what is asked for an emergency that is over is refused.
      forgetEmergency(id);
      notify({ text: t("ended"), tone: "info" });
    },
  });
  return (
    <Row gap="md">
      <Link
        to="/app/patients/$patient"
        params={{ patient }}
        label={`${t("frameOf", { id: shortId(patient) })}: ${t("goTo")}`}
      >
        {t("frameOf", { id: shortId(patient) })}
      </Link>
      <Countdown
        label={t("timeLabel")}
        until={expiresAt}
        onEnd={() => {
          forgetEmergency(id);
          notify({ text: t("ended"), tone: "info" });
          // What was read in the emergency is asked again, and what may no longer be seen goes.
          void askAgain();
        }}
      />
      <Button size="sm" tone="danger" isPending={isPending} onClick={() => void act({ path: { id } })}>
        {t("endNow")}
      </Button>
    </Row>
  );
}

/**
 * The red frame around every screen while a chart is open in an emergency, with the time that is left and the way to end
 * it. What is open is asked of the server once after sign-in, so that a page that was loaded anew has its frame again.
 */
export default function EmergencyFrame() {
  const t = useText(breakGlassMessages);
  const { can } = useSession();
  const open = useStore(openEmergencies);
  const known = useAsk("ownBreakGlass", {}, { isEnabled: can.includes("break-glass.own") });
  useEffect(() => {
    const unheard = (known.data?.episodes ?? []).filter(({ id }) =>
      openEmergencies.get().every((episode) => episode.id !== id),
    );
    for (const { id, patient, expiresAt } of unheard) rememberEmergency({ id, patient, expiresAt });
    // What was asked for treatment, before it was known that an emergency is open, is asked again for that.
    if (unheard.length > 0) void askAgain("ownBreakGlass");
  }, [known.data]);
  if (open.length === 0) return null;
  return (
    <AlarmFrame label={t("frame")} icon={IconAlertOctagon}>
      <Text as="strong">{t("frame")}</Text>
      {open.map((episode) => (
        <Episode key={episode.id} {...episode} />
      ))}
    </AlarmFrame>
  );
}
