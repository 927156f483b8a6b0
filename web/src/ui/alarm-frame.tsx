import type { ReactNode } from "react";
import css from "./alarm-frame.module.css";
import { Icon, type IconType } from "./icon.tsx";

interface AlarmFrameProps {
  /** What is out of the ordinary. */
  readonly label: string;
  readonly icon: IconType;
  readonly children: ReactNode;
}

/**
 * A red frame around all that is on the screen, with a bar that stays in sight: something out of the ordinary is in force
 * until somebody ends it. It stands in the flow after what it frames, so that the bar never covers the end of a page.
 */
export const AlarmFrame = ({ label, icon, children }: AlarmFrameProps) => (
  <>
    <div className={css["frame"]} aria-hidden="true" />
    <section aria-label={label} className={css["bar"]} data-print="never">
      <Icon of={icon} size={20} />
      {children}
    </section>
  </>
);
