import {
  IconCalendarTime,
  IconEyeSearch,
  IconFileText,
  IconPackageExport,
  IconSettings,
  IconShieldLock,
  IconSignature,
  IconUserCircle,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { RouteName, routes } from "../../../core/contract/index.ts";
import type { IconType } from "../ui/icon.tsx";
import type { NavMessageId } from "./nav-messages.ts";

/** What policy is asked for: the menu shows what the session says that it permits. */
export type ActionName = NonNullable<(typeof routes)[RouteName]["action"]>;

export interface Area {
  readonly id: string;
  /** A path of TanStack Router below `/app/`: `/app/patients/$patient`. */
  readonly path: `/app/${string}`;
  /** Who may come here at all. `public` shows nothing of anybody. */
  readonly zone: "public" | "account" | "clinic" | "admin" | "patient";
  /** Routes that its screens ask: what the server must be able to answer for it. */
  readonly contract: readonly RouteName[];
  /** Shown only where the session can do this; the server decides with each request all the same. */
  readonly needs?: ActionName;
  readonly nav?: {
    readonly label: NavMessageId;
    readonly icon: IconType;
    /** The lower, the earlier. The first that somebody may see is where they begin. */
    readonly order: number;
    /** Two keys, one after the other: `g b`. */
    readonly keys?: string;
  };
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

/** Every area of the portal. Each is a chunk of its own, fetched when somebody comes near it. */
export const AREAS: readonly Area[] = [
  {
    id: "board",
    path: "/app/board",
    zone: "clinic",
    contract: [
      "readDay",
      "readScheduleSetup",
      "findFreeTimes",
      "bookAppointment",
      "walkIn",
      "moveAppointment",
      "cancelAppointment",
      "stepAppointment",
      "roomAppointment",
      "startVisit",
      "searchPatients",
    ],
    needs: "schedule.read",
    nav: { label: "board", icon: IconCalendarTime, order: 10, keys: "g d" },
    load: () => import("../screens/board/index.tsx"),
  },
  {
    id: "patients",
    path: "/app/patients",
    zone: "clinic",
    contract: ["searchPatients", "recentPatients", "noteRecentPatient"],
    needs: "patient.search",
    nav: { label: "patients", icon: IconUsers, order: 20, keys: "g p" },
    load: () => import("../screens/patients/index.tsx"),
  },
  {
    id: "patient-new",
    path: "/app/patients/new",
    zone: "clinic",
    contract: ["registerPatient", "noteRecentPatient"],
    needs: "patient.register",
    load: () => import("../screens/patients/register.tsx"),
  },
  {
    id: "patient-details",
    path: "/app/patients/$patient/details",
    zone: "clinic",
    contract: ["readPatient", "editPatient", "unmergePatients"],
    needs: "patient.read",
    load: () => import("../screens/patients/details.tsx"),
  },
  {
    id: "patient-merge",
    path: "/app/patients/$patient/merge",
    zone: "clinic",
    contract: ["searchPatients", "recentPatients", "reviewMerge", "mergePatients", "unmergePatients"],
    needs: "patient.merge",
    load: () => import("../screens/patients/merge.tsx"),
  },
  {
    id: "visits",
    path: "/app/patients/$patient/visits",
    zone: "clinic",
    contract: ["listVisits", "openVisit", "readVisit", "changeVisit", "startNote", "readTemplates"],
    needs: "visit.read",
    load: () => import("../screens/note/visits-screen.tsx"),
  },
  {
    id: "note",
    path: "/app/notes/$note",
    zone: "clinic",
    contract: [
      "readNote",
      "listNoteVersions",
      "checkNote",
      "saveDraft",
      "saveNote",
      "signNote",
      "coSignNote",
      "addendNote",
      "unlockNote",
      "discardNote",
      "readTemplates",
      "readView",
    ],
    needs: "note.read",
    load: () => import("../screens/note/index.tsx"),
  },
  {
    id: "unsigned",
    path: "/app/unsigned",
    zone: "clinic",
    contract: ["listUnsigned"],
    needs: "note.unsigned",
    nav: { label: "unsigned", icon: IconSignature, order: 30, keys: "g u" },
    load: () => import("../screens/note/unsigned.tsx"),
  },
  {
    id: "note-templates",
    path: "/app/settings/note-templates",
    zone: "admin",
    contract: ["readTemplates", "changeTemplates"],
    needs: "template.change",
    nav: { label: "noteTemplates", icon: IconFileText, order: 91 },
    load: () => import("../screens/note/templates/index.tsx"),
  },
  {
    id: "audit",
    path: "/app/audit",
    zone: "admin",
    contract: [
      "searchAudit",
      "readAuditEvent",
      "listPeople",
      "listAlerts",
      "acknowledgeAlert",
      "readDisclosures",
      "readChain",
    ],
    needs: "alert.list",
    nav: { label: "audit", icon: IconEyeSearch, order: 70, keys: "g o" },
    load: () => import("../screens/audit/index.tsx"),
  },
  {
    id: "privacy",
    path: "/app/privacy",
    zone: "admin",
    contract: [
      "readPrivacy",
      "changePrivacy",
      "readReadiness",
      "openClinic",
      "listPeople",
      "listBreakGlass",
      "endBreakGlass",
      "reviewBreakGlass",
      "listApprovals",
      "placeHold",
      "listHolds",
      "releaseHold",
      "grantDelegation",
      "listDelegations",
      "revokeDelegation",
    ],
    needs: "delegation.list",
    nav: { label: "privacy", icon: IconShieldLock, order: 75 },
    load: () => import("../screens/privacy/index.tsx"),
  },
  {
    id: "exports",
    path: "/app/exports",
    zone: "admin",
    contract: ["startExport", "listExports", "readExport", "approveExport", "cancelExport", "readExportFile"],
    needs: "export.read",
    nav: { label: "exports", icon: IconPackageExport, order: 80 },
    load: () => import("../screens/exports/index.tsx"),
  },
  {
    id: "chart",
    path: "/app/patients/$patient",
    zone: "clinic",
    contract: [
      "readBanner",
      "readLists",
      "readVitals",
      "readTimeline",
      "readItemHistory",
      "addProblem",
      "addAllergy",
      "stateNoneKnown",
      "addMedication",
      "addImmunization",
      "changeItem",
      "moveItem",
      "reconcileList",
      "recordVitals",
      "correctVital",
    ],
    needs: "view.read",
    load: () => import("../screens/chart/index.tsx"),
  },
  {
    id: "settings",
    path: "/app/settings",
    zone: "admin",
    contract: [
      "readClinicProfile",
      "changeClinicProfile",
      "changeTimeZone",
      "readScheduleSetup",
      "addPlace",
      "changePlace",
      "addVisitType",
      "changeVisitType",
    ],
    needs: "clinic.change",
    nav: { label: "settings", icon: IconSettings, order: 90 },
    load: () => import("../screens/settings/index.tsx"),
  },
  {
    id: "account",
    path: "/app/account",
    zone: "account",
    contract: [
      "listPasskeys",
      "passkeyOptions",
      "addPasskey",
      "renamePasskey",
      "removePasskey",
      "listSignIns",
      "endSignIn",
      "listClinics",
      "switchSession",
      "signOut",
    ],
    nav: { label: "account", icon: IconUserCircle, order: 99 },
    load: () => import("../screens/account/index.tsx"),
  },
];
