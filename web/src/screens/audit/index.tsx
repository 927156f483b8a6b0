import { useText } from "../../i18n/index.ts";
import { TabbedScreen } from "../govern/tabbed-screen.tsx";
import { Alerts } from "./alerts.tsx";
import { Chain } from "./chain.tsx";
import { Disclosures } from "./disclosures.tsx";
import { Events } from "./events.tsx";
import { auditMessages } from "./messages.ts";

/** The trail, what the watch noticed, what was disclosed, and whether all of it holds: as far as somebody may see. */
export default function AuditScreen() {
  const t = useText(auditMessages);
  const tabs = [
    { id: "events", label: t("tab.events"), needs: "audit.search", content: <Events /> },
    { id: "alerts", label: t("tab.alerts"), needs: "alert.list", content: <Alerts /> },
    { id: "disclosures", label: t("tab.disclosures"), needs: "audit.disclosures", content: <Disclosures /> },
    { id: "chain", label: t("tab.chain"), needs: "audit.checkpoint", content: <Chain /> },
  ];
  return <TabbedScreen title={t("title")} intro={t("intro")} label={t("tabs")} to="/app/audit" tabs={tabs} />;
}
