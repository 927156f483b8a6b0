import { FindCharts, OpenClinic } from "../govern.ts";
import type { Route } from "../route.ts";
import { clinicRead, clinicWrite } from "../route-kinds.ts";

/** What privacy officers, administrators and auditors need beside the acts themselves: lists, states, the checklist. */
export const governRoutes = {
  listPeople: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/people",
    action: "people.list",
    summary: "The clinic's members and systems, with their roles",
  },
  readReadiness: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/settings/readiness",
    action: "settings.read",
    summary: "What the clinic settles before it takes in patients",
  },
  openClinic: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/settings/go-live",
    action: "settings.go-live",
    body: OpenClinic,
    summary: "Opens the clinic once its checklist is done",
  },
  ownBreakGlass: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/break-glass/own",
    action: "break-glass.own",
    summary: "Charts that are open to the caller in an emergency now",
  },
  findCharts: {
    ...clinicWrite,
    method: "POST",
    path: "/clinic/audit/charts",
    action: "audit.search",
    idempotency: "safe",
    body: FindCharts,
    summary: "By which id the trail knows the chart of a record number",
  },
  readChain: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/audit/chain",
    action: "audit.checkpoint",
    summary: "Whether the trail holds together, checked now",
  },
  listApprovals: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/approvals",
    action: "approval.list",
    summary: "What waits for a second person",
  },
  listExports: {
    ...clinicRead,
    method: "GET",
    path: "/clinic/exports",
    action: "export.read",
    summary: "Exports that are not done with",
  },
} as const satisfies Record<string, Route>;
