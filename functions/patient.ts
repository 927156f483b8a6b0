import { authentication, recordRefusal } from "./clinic/context.ts";
import { endpoint } from "./http/endpoint.ts";
import { accessHandlers } from "./patient/accesses.ts";
import { consentHandlers } from "./patient/consents.ts";
import { contactHandlers } from "./patient/contact.ts";
import { ownDocumentHandlers } from "./patient/documents.ts";
import { formHandlers } from "./patient/forms.ts";
import { messageHandlers } from "./patient/messages.ts";
import { recordHandlers } from "./patient/record.ts";
import { visitHandlers } from "./patient/visits.ts";

/** A patient's own portal: her own record, and nothing of anybody else. */
export const handler = endpoint(
  "patient",
  {
    ...accessHandlers,
    ...consentHandlers,
    ...contactHandlers,
    ...formHandlers,
    ...messageHandlers,
    ...ownDocumentHandlers,
    ...recordHandlers,
    ...visitHandlers,
  },
  { identity: authentication, onRefused: recordRefusal },
);
