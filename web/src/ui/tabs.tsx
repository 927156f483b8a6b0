import { Tabs as MantineTabs } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./tabs.module.css";

export interface Tab {
  readonly id: string;
  readonly label: string;
  /** How many, or how urgent: a `Badge`. */
  readonly badge?: ReactNode;
  readonly content: ReactNode;
}

interface TabsProps {
  /** What the tabs are of. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly active: string;
  readonly onChange: (id: string) => void;
}

/** One of several views of the same thing. Arrow keys move, Enter and Space open; what is not shown is not there. */
export const Tabs = ({ label, tabs, active, onChange }: TabsProps) => (
  <MantineTabs
    value={active}
    onChange={(id) => {
      if (id !== null) onChange(id);
    }}
    activateTabWithKeyboard={false}
    keepMounted={false}
    variant="unstyled"
  >
    <MantineTabs.List aria-label={label} className={css["list"] ?? ""}>
      {tabs.map(({ id, label: text, badge }) => (
        <MantineTabs.Tab key={id} value={id} className={css["tab"] ?? ""}>
          {text} {badge}
        </MantineTabs.Tab>
      ))}
    </MantineTabs.List>
    {tabs.map(({ id, content }) => (
      <MantineTabs.Panel key={id} value={id} className={css["panel"] ?? ""}>
        {content}
      </MantineTabs.Panel>
    ))}
  </MantineTabs>
);
