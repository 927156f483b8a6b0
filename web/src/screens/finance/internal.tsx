import { useText } from "../../i18n/index.ts";
import { TabbedScreen } from "../govern/tabbed-screen.tsx";
import { Entries } from "./entries.tsx";
import { entriesMessages } from "./entries-messages.ts";
import { Plans } from "./plans.tsx";

/** What finance itself enters: costs of ours, and which clinic is on which plan. */
export default function Internal() {
  const t = useText(entriesMessages);
  const tabs = [
    { id: "entries", label: t("tab.entries"), needs: "finance.read", content: <Entries /> },
    { id: "plans", label: t("tab.plans"), needs: "finance.read", content: <Plans /> },
  ];
  return <TabbedScreen title={t("title")} intro={t("intro")} label={t("tabs")} to="/app/finance/entries" tabs={tabs} />;
}
