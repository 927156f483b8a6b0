import type { Page } from "@playwright/test";

/** What the synthetic clinic holds that an address may name. */
export interface ShotFacts {
  /** A patient with a long history, whose care the physician has taken part in. */
  readonly patientId: string;
  /** A signed note of the physician's. */
  readonly noteId: string;
}

/** A main screen of the portal, as the README shows it. */
export interface Shot {
  /** The file: `web/screenshots/<name>.png`. */
  readonly name: string;
  /** The login of the synthetic member; left out, nobody is signed in. */
  readonly as?: string;
  readonly path: (facts: ShotFacts) => string;
  readonly isDark?: boolean;
  /** Brings the screen to what is shown: opens a tab, a dialog, a search. */
  readonly act?: (page: Page) => Promise<void>;
}

/** Every main screen, in the order of a day. An area adds its own. */
export const SHOTS: readonly Shot[] = [
  { name: "sign-in", path: () => "/app/" },
  { name: "day-board", as: "a.desk", path: () => "/app/board" },
  { name: "day-board-dark", as: "a.nurse", path: () => "/app/board", isDark: true },
  { name: "chart", as: "a.doc", path: ({ patientId }) => `/app/patients/${patientId}` },
  { name: "vitals", as: "a.nurse", path: ({ patientId }) => `/app/patients/${patientId}?tab=vitals` },
  { name: "timeline", as: "a.doc", path: ({ patientId }) => `/app/patients/${patientId}?tab=timeline` },
  { name: "note", as: "a.doc", path: ({ noteId }) => `/app/notes/${noteId}` },
  {
    name: "visit-summary",
    as: "a.doc",
    path: ({ patientId }) => `/app/patients/${patientId}?tab=notes`,
    act: (page) =>
      page
        .getByRole("link", { name: /^Visit summary: / })
        .first()
        .click(),
  },
  { name: "documents", as: "a.doc", path: ({ patientId }) => `/app/patients/${patientId}?tab=documents` },
  { name: "inbox", as: "a.doc", path: () => "/app/inbox" },
  { name: "patient-messages", as: "a.nurse", path: ({ patientId }) => `/app/patients/${patientId}?tab=messages` },
  { name: "unsigned-notes", as: "a.doc", path: () => "/app/unsigned" },
  { name: "register-patient", as: "a.desk", path: () => "/app/patients/new" },
  { name: "clinic-settings", as: "a.admin", path: () => "/app/settings" },
  { name: "privacy", as: "a.admin", path: () => "/app/privacy" },
  { name: "audit", as: "a.audit", path: () => "/app/audit" },
  { name: "consents", as: "a.doc", path: ({ patientId }) => `/app/patients/${patientId}?tab=consents` },
  { name: "exports", as: "a.admin", path: () => "/app/exports" },
  { name: "my-home", as: "a.patient", path: () => "/app/my" },
  { name: "my-visits", as: "a.patient", path: () => "/app/my/visits" },
  { name: "my-record", as: "a.patient", path: () => "/app/my/record" },
  { name: "my-messages", as: "a.patient", path: () => "/app/my/messages" },
  { name: "my-activity", as: "a.patient", path: () => "/app/my/activity" },
  { name: "people", as: "a.admin", path: () => "/app/people" },
  { name: "apps", as: "a.admin", path: () => "/app/apps" },
  { name: "finance-overview", as: "finance", path: () => "/app/finance/overview" },
  { name: "finance-clinics", as: "finance", path: () => "/app/finance/tenants" },
  { name: "finance-controls", as: "finance", path: () => "/app/finance/model?tab=controls" },
  { name: "finance-months", as: "finance", path: () => "/app/finance/months" },
  { name: "statement", as: "a.admin", path: () => "/app/statement" },
  { name: "account", as: "a.doc", path: () => "/app/account" },
];
