import { handleBundle } from "./fhir/bundle.ts";
import { authentication, recordRefusal } from "./fhir/context.ts";
import { readChart, readHistory, readRecord, readVersion, searchRecords } from "./fhir/read.ts";
import { createRecord, deleteRecord, updateRecord } from "./fhir/write.ts";
import { endpoint } from "./http/endpoint.ts";

/** FHIR R4 over the records of one tenant. */
export const handler = endpoint(
  "fhir",
  {
    fhirBundle: handleBundle,
    fhirSearch: searchRecords,
    fhirSearchPost: searchRecords,
    fhirCreate: createRecord,
    fhirRead: readRecord,
    fhirUpdate: updateRecord,
    fhirDelete: deleteRecord,
    fhirHistory: readHistory,
    fhirVread: readVersion,
    fhirEverything: readChart,
  },
  { identity: authentication, onRefused: recordRefusal },
);
