import packageJson from "../package.json" with { type: "json" };
import {
  FUNCTION_NAMES,
  archiveBucketName,
  auditAppendRoleArn,
  attachmentBucketName,
  controlPlaneRoleArn,
  functionName,
  identityRoleArn,
  registryReadRoleArn,
  tableName,
  tenantRoleArn,
  type FunctionName,
} from "../core/iam/index.ts";
import type { Ground } from "./ground.ts";
import type { Keys } from "./keys.ts";
import { logicalName } from "./logical-name.ts";
import type { Permissions, Roles } from "./tenancy.ts";

export type Functions = Readonly<Record<FunctionName, sst.aws.Function>>;

interface FunctionKind {
  readonly handler: string;
  readonly description: string;
  readonly memory: `${number} MB`;
  readonly timeout: `${number} seconds`;
  readonly environment: readonly EnvironmentName[];
  /** Packages with files beside their code, which a bundle would leave behind. */
  readonly install?: readonly (keyof typeof packageJson.dependencies)[];
}

const kinds: Readonly<Record<FunctionName, FunctionKind>> = {
  public: {
    handler: "functions/public.handler",
    description: "Zone public: what anybody may ask",
    memory: "512 MB",
    timeout: "10 seconds",
    environment: ["PUBLIC_URL"],
  },
  session: {
    handler: "functions/session.handler",
    description: "Zone session: authorization server and sessions",
    memory: "1769 MB",
    timeout: "20 seconds",
    environment: [
      "CELL",
      "PUBLIC_URL",
      "OUTBOX_TABLE",
      "KEYS_TABLE",
      "REGISTRY_TABLE",
      "TOKEN_KEY_ARN",
      "SESSION_KEY_ARN",
      "IDENTITY_ROLE_ARN",
      "AUDIT_APPEND_ROLE_ARN",
    ],
  },
  fhir: {
    handler: "functions/fhir.handler",
    description: "Zone fhir: the charts of one tenant per request",
    memory: "1769 MB",
    timeout: "29 seconds",
    environment: [
      "STAGE",
      "CELL",
      "ACCOUNT_ID",
      "PUBLIC_URL",
      "DATA_TABLE",
      "OUTBOX_TABLE",
      "KEYS_TABLE",
      "REGISTRY_TABLE",
      "CELL_KEY_ARN",
      "TOKEN_KEY_ARN",
      "TENANT_ROLE_ARN",
      "REGISTRY_READ_ROLE_ARN",
    ],
    install: ["@cedar-policy/cedar-wasm"],
  },
  platform: {
    handler: "functions/platform.handler",
    description: "Zone platform: tenants, members and keys, never PHI",
    memory: "1024 MB",
    timeout: "29 seconds",
    environment: [
      "CELL",
      "PUBLIC_URL",
      "OUTBOX_TABLE",
      "KEYS_TABLE",
      "REGISTRY_TABLE",
      "CELL_KEY_ARN",
      "TOKEN_KEY_ARN",
      "SESSION_KEY_ARN",
      "CONTROL_PLANE_ROLE_ARN",
      "AUDIT_APPEND_ROLE_ARN",
    ],
    install: ["@cedar-policy/cedar-wasm"],
  },
  archive: {
    handler: "functions/streams/archive.handler",
    description: "Outbox stream to the audit archive",
    memory: "512 MB",
    timeout: "60 seconds",
    environment: ["ARCHIVE_BUCKET"],
  },
  "cross-check": {
    handler: "functions/streams/cross-check.handler",
    description: "Data stream: no row changed without its audit event",
    memory: "512 MB",
    timeout: "60 seconds",
    environment: ["DATA_TABLE", "OUTBOX_TABLE"],
  },
  seal: {
    handler: "functions/schedule/seal.handler",
    description: "Signed checkpoints of the audit log, every minute",
    memory: "1024 MB",
    timeout: "55 seconds",
    environment: ["STAGE", "CELL", "ARCHIVE_BUCKET", "CHECKPOINT_KEY_ARN"],
  },
};

type EnvironmentName = keyof ReturnType<typeof environment>;

/** Everything that a function could be told; names and ARNs, never a secret. Lambda itself sets AWS_REGION. */
function environment({ site, publicUrl }: Ground, keys: Keys) {
  return {
    STAGE: site.stage,
    CELL: site.cell,
    ACCOUNT_ID: site.accountId,
    PUBLIC_URL: publicUrl,
    DATA_TABLE: tableName(site, "data"),
    OUTBOX_TABLE: tableName(site, "outbox"),
    KEYS_TABLE: tableName(site, "keys"),
    REGISTRY_TABLE: tableName(site, "registry"),
    ARCHIVE_BUCKET: archiveBucketName(site),
    ATTACHMENT_BUCKET: attachmentBucketName(site),
    CELL_KEY_ARN: keys.arns.cell,
    CHECKPOINT_KEY_ARN: keys.arns.checkpoint,
    TOKEN_KEY_ARN: keys.arns.token,
    SESSION_KEY_ARN: keys.arns.session,
    TENANT_ROLE_ARN: tenantRoleArn(site),
    REGISTRY_READ_ROLE_ARN: registryReadRoleArn(site),
    IDENTITY_ROLE_ARN: identityRoleArn(site),
    CONTROL_PLANE_ROLE_ARN: controlPlaneRoleArn(site),
    AUDIT_APPEND_ROLE_ARN: auditAppendRoleArn(site),
  };
}

/** One Lambda per trust zone, stream and schedule, each under a role of its own and with no link to any resource. */
export function functions(ground: Ground, roles: Roles, permissions: Permissions, keys: Keys): Functions {
  const known = environment(ground, keys);
  const made = {} as Record<FunctionName, sst.aws.Function>;
  for (const name of FUNCTION_NAMES) {
    const kind = kinds[name];
    const variables = Object.fromEntries(kind.environment.map((variable) => [variable, known[variable]]));
    made[name] = new sst.aws.Function(logicalName("Function", name), {
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
    });
  }
  return made;
}

const pinned = (names: readonly (keyof typeof packageJson.dependencies)[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, packageJson.dependencies[name]]));
