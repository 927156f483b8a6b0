import packageJson from "../package.json" with { type: "json" };
import {
  FUNCTION_NAMES,
  archiveBucketName,
  attachmentBucketName,
  auditAppendRoleArn,
  auditReadRoleArn,
  booksRoleArn,
  cloudTrailBucketName,
  controlPlaneRoleArn,
  costBucketName,
  functionName,
  functionVariables,
  identityRoleArn,
  peopleNamesRoleArn,
  registryPeopleRoleArn,
  registryPrivacyRoleArn,
  registryReadRoleArn,
  statementReadRoleArn,
  tableName,
  tenantExportRoleArn,
  tenantRoleArn,
  witnessBucketName,
  type FunctionName,
  type VariableName,
} from "../core/iam/index.ts";
import type { Edge } from "./edge.ts";
import type { Ground } from "./ground.ts";
import type { Keys } from "./keys.ts";
import { logicalName } from "./logical-name.ts";
import type { Permissions, Roles } from "./tenancy.ts";
import { accountOptions } from "./witness-account.ts";

export type Functions = Readonly<Record<FunctionName, sst.aws.Function>>;

interface FunctionKind {
  readonly handler: string;
  readonly description: string;
  readonly memory: `${number} MB`;
  readonly timeout: `${number} seconds`;
  /** Packages with files beside their code, which a bundle would leave behind. */
  readonly install?: readonly (keyof typeof packageJson.dependencies)[];
}

const CEDAR = ["@cedar-policy/cedar-wasm"] as const;

const kinds: Readonly<Record<FunctionName, FunctionKind>> = {
  public: {
    handler: "functions/public.handler",
    description: "Zone public: what anybody may ask",
    memory: "512 MB",
    timeout: "10 seconds",
  },
  session: {
    handler: "functions/session.handler",
    description: "Zone session: authorization server and sessions",
    memory: "1769 MB",
    timeout: "20 seconds",
    install: CEDAR,
  },
  fhir: {
    handler: "functions/fhir.handler",
    description: "Zone fhir: the charts of one tenant per request",
    memory: "1769 MB",
    timeout: "29 seconds",
    install: CEDAR,
  },
  clinic: {
    handler: "functions/clinic.handler",
    description: "Zone clinic: consent, emergencies, holds, exports and the trail of one tenant per request",
    memory: "1769 MB",
    timeout: "29 seconds",
    install: CEDAR,
  },
  admin: {
    handler: "functions/admin.handler",
    description: "Zone admin: the people and apps of one tenant per request, never PHI",
    memory: "1024 MB",
    timeout: "29 seconds",
    install: CEDAR,
  },
  patient: {
    handler: "functions/patient.handler",
    description: "Zone patient: one patient's own record per request",
    memory: "1769 MB",
    timeout: "29 seconds",
    install: CEDAR,
  },
  platform: {
    handler: "functions/platform.handler",
    description: "Zone platform: tenants, members and keys, never PHI",
    memory: "1024 MB",
    timeout: "29 seconds",
    install: CEDAR,
  },
  finance: {
    handler: "functions/finance.handler",
    description: "Zone finance: what the platform costs and earns, never PHI",
    // A month of a thousand clinics is held at once where it is exported.
    memory: "1769 MB",
    timeout: "29 seconds",
    install: CEDAR,
  },
  archive: {
    handler: "functions/streams/archive.handler",
    description: "Outbox stream to the audit archive",
    memory: "512 MB",
    timeout: "60 seconds",
  },
  index: {
    handler: "functions/streams/index.handler",
    description: "Outbox stream to the trail, for search",
    memory: "512 MB",
    timeout: "60 seconds",
  },
  "cross-check": {
    handler: "functions/streams/cross-check.handler",
    description: "Data stream: no row changed without its audit event",
    memory: "512 MB",
    timeout: "60 seconds",
  },
  seal: {
    handler: "functions/schedule/seal.handler",
    description: "Signed checkpoints of the audit log, every minute",
    memory: "1024 MB",
    timeout: "55 seconds",
  },
  reconcile: {
    handler: "functions/schedule/reconcile.handler",
    description: "Joins events, archive, logs and CloudTrail, every minute: what is missing becomes a signal",
    memory: "1024 MB",
    timeout: "55 seconds",
  },
  export: {
    handler: "functions/schedule/export.handler",
    description: "Works off the exports that clinics have approved, a job at a time",
    memory: "1769 MB",
    timeout: "55 seconds",
    install: CEDAR,
  },
  meter: {
    handler: "functions/schedule/meter.handler",
    description: "What was used becomes each clinic's cost and statement, every hour",
    // A month's book and the busiest function's hour are held at once.
    memory: "1769 MB",
    timeout: "900 seconds",
  },
  close: {
    handler: "functions/schedule/close.handler",
    description: "Closes a month whose grace is over, under the archive's lock",
    memory: "1769 MB",
    timeout: "900 seconds",
  },
  witness: {
    handler: "functions/schedule/witness.handler",
    description: "Countersigns the audit log from another account, every minute",
    memory: "512 MB",
    timeout: "55 seconds",
  },
};

/** The value of everything that a function could be told. */
function environment(
  { site, publicUrl }: Ground,
  keys: Keys,
  edge: Edge,
): Readonly<Record<VariableName, $util.Input<string>>> {
  return {
    STAGE: site.stage,
    CELL: site.cell,
    ACCOUNT_ID: site.accountId,
    PUBLIC_URL: publicUrl,
    // The portal and the API are one origin to a browser.
    PORTAL_ORIGIN: publicUrl,
    EDGE_DIGEST: edge.digest,
    DATA_TABLE: tableName(site, "data"),
    OUTBOX_TABLE: tableName(site, "outbox"),
    KEYS_TABLE: tableName(site, "keys"),
    TRAIL_TABLE: tableName(site, "trail"),
    REGISTRY_TABLE: tableName(site, "registry"),
    ARCHIVE_BUCKET: archiveBucketName(site),
    ATTACHMENT_BUCKET: attachmentBucketName(site),
    CLOUDTRAIL_BUCKET: cloudTrailBucketName(site),
    WITNESS_BUCKET: witnessBucketName(site),
    COST_BUCKET: costBucketName(site),
    CELL_KEY_ARN: keys.arns.cell,
    CHECKPOINT_KEY_ARN: keys.arns.checkpoint,
    TOKEN_KEY_ARN: keys.arns.token,
    SESSION_KEY_ARN: keys.arns.session,
    WITNESS_KEY_ARN: keys.arns.witness,
    TENANT_ROLE_ARN: tenantRoleArn(site),
    EXPORT_ROLE_ARN: tenantExportRoleArn(site),
    REGISTRY_READ_ROLE_ARN: registryReadRoleArn(site),
    REGISTRY_PRIVACY_ROLE_ARN: registryPrivacyRoleArn(site),
    REGISTRY_PEOPLE_ROLE_ARN: registryPeopleRoleArn(site),
    IDENTITY_ROLE_ARN: identityRoleArn(site),
    CONTROL_PLANE_ROLE_ARN: controlPlaneRoleArn(site),
    PEOPLE_NAMES_ROLE_ARN: peopleNamesRoleArn(site),
    BOOKS_ROLE_ARN: booksRoleArn(site),
    STATEMENT_ROLE_ARN: statementReadRoleArn(site),
    AUDIT_APPEND_ROLE_ARN: auditAppendRoleArn(site),
    AUDIT_READ_ROLE_ARN: auditReadRoleArn(site),
  };
}

/** One Lambda per trust zone, stream and schedule, each under a role of its own and with no link to any resource. */
export function functions(ground: Ground, roles: Roles, permissions: Permissions, keys: Keys, edge: Edge): Functions {
  const known = environment(ground, keys, edge);
  const made = {} as Record<FunctionName, sst.aws.Function>;
  for (const name of FUNCTION_NAMES) {
    const kind = kinds[name];
    const variables = Object.fromEntries(functionVariables[name].map((variable) => [variable, known[variable]]));
    made[name] = new sst.aws.Function(
      logicalName("Function", name),
      {
        name: functionName(ground.site, name),
        handler: kind.handler,
        description: kind.description,
        memory: kind.memory,
        timeout: kind.timeout,
        role: roles.functions[name].arn,
        ...(kind.install === undefined ? {} : { nodejs: { install: pinned(kind.install) } }),
        transform: {
          function: (args, options) => {
            // SST would add the key of its link file. We link nothing, so the function holds no key.
            args.environment = { variables };
            // A stream mapping is refused while the role may not read the stream.
            options.dependsOn = [permissions[name]];
          },
        },
      },
      accountOptions(ground, name),
    );
  }
  return made;
}

const pinned = (names: readonly (keyof typeof packageJson.dependencies)[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, packageJson.dependencies[name]]));
