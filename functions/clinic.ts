import {
  acknowledgeAlert,
  listAlerts,
  ownAccessLog,
  readAuditEvent,
  readCheckpoint,
  readDisclosures,
  searchAudit,
} from "./clinic/audit.ts";
import { beginBreakGlass, endBreakGlass, listBreakGlass, reviewBreakGlass } from "./clinic/break-glass.ts";
import { chartHandlers } from "./clinic/chart.ts";
import { consentHandlers } from "./clinic/consent.ts";
import { previewConsent } from "./clinic/consent-preview.ts";
import { authentication, recordRefusal } from "./clinic/context.ts";
import { grantDelegation, listDelegations, revokeDelegation } from "./clinic/delegations.ts";
import { approveExport, cancelExport, readExport, readExportFile, startExport } from "./clinic/exports.ts";
import { clinicProfileHandlers } from "./clinic/clinic-profile.ts";
import { documentHandlers } from "./clinic/documents.ts";
import { encounterHandlers } from "./clinic/encounter.ts";
import { inboxHandlers } from "./clinic/inbox.ts";
import { governHandlers } from "./clinic/govern.ts";
import { listHolds, placeHold, releaseHold } from "./clinic/holds.ts";
import { patientHandlers } from "./clinic/patient.ts";
import { portalHandlers } from "./clinic/portal.ts";
import { providerHoursHandlers } from "./clinic/provider-hours.ts";
import { scheduleHandlers } from "./clinic/schedule.ts";
import { scheduleSetupHandlers } from "./clinic/schedule-setup.ts";
import { changePrivacy, readPrivacy } from "./clinic/settings.ts";
import { readView } from "./clinic/view.ts";
import { endpoint } from "./http/endpoint.ts";

/** What a clinic decides about its own charts, and how it looks at what was done with them. */
export const handler = endpoint(
  "clinic",
  {
    readPrivacy,
    changePrivacy,
    beginBreakGlass,
    listBreakGlass,
    endBreakGlass,
    reviewBreakGlass,
    placeHold,
    listHolds,
    releaseHold,
    grantDelegation,
    listDelegations,
    revokeDelegation,
    previewConsent,
    readView,
    searchAudit,
    readAuditEvent,
    ownAccessLog,
    readDisclosures,
    readCheckpoint,
    listAlerts,
    acknowledgeAlert,
    startExport,
    readExport,
    approveExport,
    cancelExport,
    readExportFile,
    ...chartHandlers,
    ...consentHandlers,
    ...documentHandlers,
    ...encounterHandlers,
    ...inboxHandlers,
    ...governHandlers,
    ...patientHandlers,
    ...portalHandlers,
    ...clinicProfileHandlers,
    ...scheduleSetupHandlers,
    ...providerHoursHandlers,
    ...scheduleHandlers,
  },
  { identity: authentication, onRefused: recordRefusal },
);
