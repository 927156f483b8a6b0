import { stories as actions } from "./actions.tsx";
import { stories as charts } from "./charts.tsx";
import { stories as dialogs } from "./dialogs.tsx";
import { stories as fields } from "./fields.tsx";
import { stories as forms } from "./forms.tsx";
import { stories as grids } from "./grids.tsx";
import { stories as lanes } from "./lanes.tsx";
import { stories as layout } from "./layout.tsx";
import { stories as notices } from "./notices.tsx";
import { stories as panes } from "./panes.tsx";
import { offline, stories as states } from "./states.tsx";
import type { Story } from "./story.ts";
import { stories as tables } from "./tables.tsx";
import { stories as text } from "./text.tsx";

interface Group {
  readonly id: string;
  readonly stories: readonly Story[];
}

/** Every story. A group is looked at as one page. */
export const groups: readonly Group[] = [
  { id: "actions", stories: actions },
  { id: "charts", stories: charts },
  { id: "dialogs", stories: dialogs },
  { id: "fields", stories: fields },
  { id: "forms", stories: forms },
  { id: "layout", stories: [...layout, ...panes] },
  { id: "notices", stories: notices },
  { id: "offline", stories: offline },
  { id: "states", stories: states },
  { id: "tables", stories: [...tables, ...grids, ...lanes] },
  { id: "text", stories: text },
];
