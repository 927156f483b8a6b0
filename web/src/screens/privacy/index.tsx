import { useText } from "../../i18n/index.ts";
import { Stack } from "../../ui/index.ts";
import { EmergencyQueue } from "../break-glass/queue.tsx";
import { TabbedScreen } from "../govern/tabbed-screen.tsx";
import { Approvals } from "./approvals.tsx";
import { Checklist } from "./checklist.tsx";
import { Delegations } from "./delegations.tsx";
import { Holds } from "./holds.tsx";
import { privacyMessages } from "./messages.ts";
import { Settings } from "./settings.tsx";

/** What protects the charts beside the roles, as far as somebody may see: a clinician her assistants, an officer all of it. */
export default function PrivacyScreen() {
  const t = useText(privacyMessages);
  const tabs = [
    {
      id: "settings",
      label: t("tab.settings"),
      needs: "settings.read",
      content: (
        <Stack gap="lg">
          <Checklist />
          <Settings />
        </Stack>
      ),
    },
    { id: "emergencies", label: t("tab.emergencies"), needs: "break-glass.list", content: <EmergencyQueue /> },
    { id: "approvals", label: t("tab.approvals"), needs: "approval.list", content: <Approvals /> },
    { id: "holds", label: t("tab.holds"), needs: "hold.list", content: <Holds /> },
    { id: "delegations", label: t("tab.delegations"), needs: "delegation.list", content: <Delegations /> },
  ];
  return <TabbedScreen title={t("title")} intro={t("intro")} label={t("tabs")} to="/app/privacy" tabs={tabs} />;
}
