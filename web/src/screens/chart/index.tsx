import { lazy, Suspense, useMemo, useState } from "react";
import { useAsk } from "../../api/hooks.ts";
import { useAddressQuery, useGo, usePathValue } from "../../app/navigation.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { AskState, Drawer, EmptyState, Page, PrintHeader, Skeleton, Stack, Tabs } from "../../ui/index.ts";
import { EmergencyEntry } from "../break-glass/emergency-entry.tsx";
import { QuickVitals } from "../vitals/quick.tsx";
import { BannerAlerts, ChartHead } from "./banner.tsx";
import { chartMessages } from "./messages.ts";
import { usePrintLine } from "./print-line.ts";
import { tabLabels } from "./tab-labels.ts";
import { CHART_TABS } from "./tabs.ts";

const SCREENS = new Map(CHART_TABS.map((tab) => [tab.id, lazy(tab.load)]));

/** A patient's chart: who it is, always in sight, and its parts by their address. */
export default function ChartScreen() {
  const [t, label, lineOf] = [useText(chartMessages), useText(tabLabels), usePrintLine()];
  const patient = usePathValue("patient");
  const { tab } = useAddressQuery();
  const [go, can, session] = [useGo(), useCan(), useSession()];
  const [hasVitals, setHasVitals] = useState(false);
  const banner = useAsk("readBanner", { path: { id: patient } });
  const tabs = useMemo(() => CHART_TABS.filter(({ needs }) => needs === undefined || can(needs)), [can]);
  const active = tabs.find(({ id }) => id === tab) ?? tabs[0];
  const isUnknown = tab !== undefined && active?.id !== tab;
  return (
    <Page title={t("title")} width="full">
      <AskState query={banner} label={t("title")}>
        {(head) => (
          <Stack gap="md">
            <PrintHeader
              title={t("printTitle")}
              clinic={session.tenant.name}
              printedBy={session.user.name}
              lines={[lineOf(head)]}
            />
            <ChartHead
              banner={head}
              onRetry={() => void banner.refetch()}
              onRecordVitals={() => setHasVitals(true)}
              onPrint={() => globalThis.print()}
            />
            <BannerAlerts alerts={head.alerts} />
            {head.alerts.some(({ kind }) => kind === "consent") && <EmergencyEntry patient={patient} withheld="some" />}
            {isUnknown || active === undefined ? (
              <EmptyState title={t("noTab")} />
            ) : (
              <Tabs
                label={t("tabsLabel")}
                active={active.id}
                onChange={(id) => go({ to: "/app/patients/$patient", params: { patient }, search: { tab: id } })}
                tabs={tabs.map(({ id, label: word }) => {
                  const Part = SCREENS.get(id);
                  return {
                    id,
                    label: label(word),
                    content: (
                      <Suspense fallback={<Skeleton label={label(word)} />}>
                        {Part !== undefined && <Part key={patient} patient={patient} />}
                      </Suspense>
                    ),
                  };
                })}
              />
            )}
            <Drawer title={t("recordVitals")} isOpen={hasVitals} onClose={() => setHasVitals(false)} size="md">
              {hasVitals && <QuickVitals patient={patient} onSaved={() => setHasVitals(false)} />}
            </Drawer>
          </Stack>
        )}
      </AskState>
      {banner.error?.kind === "forbidden" && <EmergencyEntry patient={patient} withheld="all" />}
    </Page>
  );
}
