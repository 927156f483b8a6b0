import { useAddressQuery, useGo } from "../../app/navigation.ts";
import { useCan } from "../../app/session.tsx";
import { Page, type Tab, Tabs } from "../../ui/index.ts";

interface TabbedScreenProps {
  readonly title: string;
  readonly intro: string;
  /** What the tabs are of, for who hears it. */
  readonly label: string;
  /** The screen's own address, in which the open tab stands. */
  readonly to: string;
  readonly tabs: readonly (Tab & { readonly needs: string })[];
}

/** A screen of tabs, as far as somebody may see them. */
export function TabbedScreen({ title, intro, label, to, tabs }: TabbedScreenProps) {
  const can = useCan();
  const go = useGo();
  const { tab = "" } = useAddressQuery();
  const open = tabs.filter(({ needs }) => can(needs));
  const active = open.find(({ id }) => id === tab)?.id ?? open[0]?.id ?? "";
  return (
    <Page title={title} intro={intro}>
      <Tabs label={label} tabs={open} active={active} onChange={(id) => go({ to, search: { tab: id } })} />
    </Page>
  );
}
