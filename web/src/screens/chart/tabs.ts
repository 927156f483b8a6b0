import type { ComponentType } from "react";
import type { ActionName } from "../../app/areas.ts";
import type { ChartTabLabel } from "./tab-labels.ts";

/** What each tab of a chart is told: whose chart it is. */
export interface ChartTabProps {
  readonly patient: string;
}

/** A part of a patient's chart with an address of its own: `/app/patients/<id>?tab=<id>`. */
export interface ChartTab {
  readonly id: string;
  /** Its word stands in `tab-labels.ts`, in both languages. */
  readonly label: ChartTabLabel;
  /** Shown only where the session can do this; the server decides with each request all the same. */
  readonly needs?: ActionName;
  /** Fetched when somebody opens it. */
  readonly load: () => Promise<{ readonly default: ComponentType<ChartTabProps> }>;
}

/** Every tab of a chart, in the order in which they stand. The first one is where a chart opens. */
export const CHART_TABS: readonly ChartTab[] = [
  { id: "summary", label: "summary", load: () => import("./summary.tsx") },
  { id: "vitals", label: "vitals", load: () => import("../vitals/index.tsx") },
  { id: "notes", label: "notes", needs: "visit.read", load: () => import("../note/tab.tsx") },
  { id: "documents", label: "documents", needs: "document.list", load: () => import("../documents/index.tsx") },
  { id: "messages", label: "messages", needs: "message.read", load: () => import("../inbox/tab.tsx") },
  { id: "forms", label: "forms", needs: "visit.read", load: () => import("../patient-forms/tab.tsx") },
  { id: "timeline", label: "timeline", load: () => import("./timeline.tsx") },
  { id: "consents", label: "consents", needs: "consent.list", load: () => import("../consent/tab.tsx") },
  { id: "who-looked", label: "whoLooked", needs: "audit.search", load: () => import("../audit/who-looked.tsx") },
];
