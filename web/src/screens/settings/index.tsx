import { useState } from "react";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { AskState, Page, Tabs } from "../../ui/index.ts";
import { HoursPart } from "./hours-part.tsx";
import { settingsMessages } from "./messages.ts";
import { PortalPart } from "./portal-part.tsx";
import { ProfilePart } from "./profile-part.tsx";
import { ProvidersPart } from "./providers-part.tsx";
import { RoomsPart, VisitTypesPart } from "./things-part.tsx";

/** What the clinic says of itself: its profile, its hours and those of its providers, its rooms, its kinds of visits, and what its patients may do in their portal. */
export default function Settings() {
  const t = useText(settingsMessages);
  const [part, setPart] = useState("profile");
  const profile = useAsk("readClinicProfile");
  const setup = useAsk("readScheduleSetup");
  const portal = useAsk("readPortalSettings", {}, { isEnabled: part === "portal" });
  const reload = (): void => void profile.refetch();
  return (
    <Page title={t("title")}>
      <Tabs
        label={t("parts")}
        active={part}
        onChange={setPart}
        tabs={[
          {
            id: "profile",
            label: t("part.profile"),
            content: <AskState query={profile}>{(view) => <ProfilePart profile={view} reload={reload} />}</AskState>,
          },
          {
            id: "hours",
            label: t("part.hours"),
            content: <AskState query={profile}>{(view) => <HoursPart profile={view} reload={reload} />}</AskState>,
          },
          {
            id: "providers",
            label: t("part.providers"),
            content: (
              <AskState query={setup}>
                {(view) => <ProvidersPart setup={view} reload={() => void setup.refetch()} />}
              </AskState>
            ),
          },
          {
            id: "rooms",
            label: t("part.rooms"),
            content: <AskState query={setup}>{(view) => <RoomsPart setup={view} />}</AskState>,
          },
          {
            id: "visit-types",
            label: t("part.visitTypes"),
            content: <AskState query={setup}>{(view) => <VisitTypesPart setup={view} />}</AskState>,
          },
          {
            id: "portal",
            label: t("part.portal"),
            content: (
              <AskState query={setup}>
                {({ visitTypes }) => (
                  <AskState query={portal}>
                    {(view) => <PortalPart view={view} visitTypes={visitTypes} reload={() => void portal.refetch()} />}
                  </AskState>
                )}
              </AskState>
            ),
          },
        ]}
      />
    </Page>
  );
}
