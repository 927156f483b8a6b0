import {
  archiveArn,
  attachmentArn,
  catalog,
  costArn,
  evaluate,
  principalContext,
  tableArn,
  witnessArn,
  type AccessContext,
  type Decision,
  type PolicyDocument,
} from "../../../core/iam/index.ts";
import { keys, ownerOf, principals, site } from "./stage.ts";

const documents = new Map(catalog(site, keys).map(({ name, document }) => [name, document]));

export function documentOf(name: string): PolicyDocument {
  const document = documents.get(name);
  if (document === undefined) throw new Error(`no document ${name}`);
  return document;
}

const roles: Readonly<Record<keyof typeof principals, string | undefined>> = {
  tenant: "role/tenant-request",
  registryRead: "role/registry-read",
  identity: "role/identity",
  controlPlane: "role/control-plane",
  registryPeople: "role/registry-people",
  registryPrivacy: "role/registry-privacy",
  peopleNames: "role/people-names",
  books: "role/books",
  statementRead: "role/statement-read",
  auditAppend: "role/audit-append",
  auditRead: "role/audit-read",
  tenantExport: "role/tenant-export",
  fhir: "role/fn-fhir",
  clinic: "role/fn-clinic",
  patientZone: "role/fn-patient",
  session: "role/fn-session",
  adminZone: "role/fn-admin",
  platform: "role/fn-platform",
  finance: "role/fn-finance",
  archive: "role/fn-archive",
  index: "role/fn-index",
  crossCheck: "role/fn-cross-check",
  seal: "role/fn-seal",
  reconcile: "role/fn-reconcile",
  export: "role/fn-export",
  meter: "role/fn-meter",
  close: "role/fn-close",
  witness: "role/fn-witness",
  operator: "role/operator",
  operatorRole: "role/operator",
  admin: undefined,
  witnessAdmin: undefined,
  lookalike: undefined,
  foreign: undefined,
  root: undefined,
  lambda: undefined,
  scheduler: undefined,
};
const ADMINISTRATOR: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

/** The policy that hangs on a resource itself, by the resource's ARN. */
function resourcePolicyOf(resource: string): PolicyDocument | undefined {
  const standsOn = (arn: string): boolean => resource === arn || resource.startsWith(`${arn}/`);
  for (const table of ["data", "outbox", "keys", "trail"] as const) {
    // A stream has a policy of its own; ours have none.
    if (standsOn(tableArn(site, table)) && !resource.includes("/stream/")) return documentOf(`table/${table}`);
  }
  if (standsOn(archiveArn(site))) return documentOf("bucket/archive");
  if (standsOn(attachmentArn(site))) return documentOf("bucket/attachments");
  if (standsOn(costArn(site))) return documentOf("bucket/cost");
  if (standsOn(witnessArn(site))) return documentOf("bucket/witness");
  const key = Object.entries(keys).find(([, arn]) => arn === resource)?.[0];
  return key === undefined ? undefined : documentOf(`key/${key}`);
}

export interface Ask {
  readonly as: keyof typeof principals;
  readonly action: string;
  readonly resource: string;
  readonly context?: AccessContext;
  /** Absent: the session was opened without a session policy. */
  readonly session?: PolicyDocument | undefined;
}

/** What the whole stage decides: the caller's own documents and the resource's, together. */
export function ask({ as, action, resource, context = {}, session }: Ask): Decision {
  const role = roles[as];
  const resourcePolicy = resourcePolicyOf(resource);
  return evaluate(
    {
      principal: principals[as],
      action,
      resource,
      ...ownerOf(resource),
      context: {
        "aws:SecureTransport": "true",
        ...principalContext(principals[as]),
        ...context,
      },
    },
    {
      identity: [role === undefined ? ADMINISTRATOR : documentOf(role)],
      ...(session && { session: [session] }),
      ...(resourcePolicy && { resource: resourcePolicy }),
      resourceMandatory: action.startsWith("kms:"),
    },
  );
}
