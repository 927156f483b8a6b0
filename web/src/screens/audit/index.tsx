import { useCan } from "../../app/session.tsx";
import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useText } from "../../i18n/index.ts";
import { Page, type Tab, Tabs } from "../../ui/index.ts";
import { Alerts } from "./alerts.tsx";
import { Chain } from "./chain.tsx";
import { Disclosures } from "./disclosures.tsx";
import { Events } from "./events.tsx";
import { auditMessages } from "./messages.ts";

/** The trail, what the watch noticed, what was disclosed, and whether all of it holds: as far as somebody may see. */
export default function AuditScreen() {
  const t = useText(auditMessages);
  const can = useCan();
  const go = useGo();
  const { tab = "" } = useAddressQuery();
  const tabs: readonly (Tab & { readonly needs: string })[] = [
    { id: "events", label: t("tab.events"), needs: "audit.search", content: <Events /> },
    { id: "alerts", label: t("tab.alerts"), needs: "alert.list", content: <Alerts /> },
    { id: "disclosures", label: t("tab.disclosures"), needs: "audit.disclosures", content: <Disclosures /> },
    { id: "chain", label: t("tab.chain"), needs: "audit.checkpoint", content: <Chain /> },
  ];
  const open = tabs.filter(({ needs }) => can(needs));
  const active = open.find(({ id }) => id === tab)?.id ?? open[0]?.id ?? "";
  return (
    <Page title={t("title")} intro={t("intro")}>
      <Tabs
        label={t("tabs")}
        tabs={open}
        active={active}
        onChange={(id) => go({ to: "/app/audit", search: { tab: id } })}
      />
    </Page>
  );
}
