import { useText } from "../../i18n/index.ts";
import { TabbedScreen } from "../govern/tabbed-screen.tsx";
import { Controls } from "./controls.tsx";
import { modelMessages } from "./model-messages.ts";
import { Scenarios } from "./scenarios.tsx";
import { Tiers } from "./tiers.tsx";

/** What would be: more clinics, other settings, other tiers. */
export default function Model() {
  const t = useText(modelMessages);
  const tabs = [
    { id: "scenarios", label: t("tab.scenarios"), needs: "finance.read", content: <Scenarios /> },
    { id: "controls", label: t("tab.controls"), needs: "finance.read", content: <Controls /> },
    { id: "tiers", label: t("tab.tiers"), needs: "finance.read", content: <Tiers /> },
  ];
  return <TabbedScreen title={t("title")} intro={t("intro")} label={t("tabs")} to="/app/finance/model" tabs={tabs} />;
}
