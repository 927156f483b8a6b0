import * as z from "zod";
import type { Site, VariableName } from "../../core/iam/index.ts";
import { STAGES } from "../../core/iam/names.ts";

const name = z.string().min(1);
const arn = z.string().startsWith("arn:");

/** A function's environment, parsed once. Each function is given only the variables that it uses. */
const Environment = z.object({
  AWS_REGION: name,
  STAGE: z.enum(STAGES),
  CELL: name,
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
  PUBLIC_URL: z.url(),
  PORTAL_ORIGIN: z.url(),
  /** SHA-256 of what CloudFront shows: the digest opens nothing. */
  EDGE_DIGEST: z.string().regex(/^[0-9a-f]{64}$/),
  DATA_TABLE: name,
  OUTBOX_TABLE: name,
  KEYS_TABLE: name,
  TRAIL_TABLE: name,
  REGISTRY_TABLE: name,
  ARCHIVE_BUCKET: name,
  ATTACHMENT_BUCKET: name,
  CLOUDTRAIL_BUCKET: name,
  WITNESS_BUCKET: name,
  COST_BUCKET: name,
  CELL_KEY_ARN: arn,
  CHECKPOINT_KEY_ARN: arn,
  TOKEN_KEY_ARN: arn,
  SESSION_KEY_ARN: arn,
  WITNESS_KEY_ARN: arn,
  TENANT_ROLE_ARN: arn,
  EXPORT_ROLE_ARN: arn,
  REGISTRY_READ_ROLE_ARN: arn,
  REGISTRY_PRIVACY_ROLE_ARN: arn,
  REGISTRY_PEOPLE_ROLE_ARN: arn,
  IDENTITY_ROLE_ARN: arn,
  CONTROL_PLANE_ROLE_ARN: arn,
  BOOKS_ROLE_ARN: arn,
  STATEMENT_ROLE_ARN: arn,
  PEOPLE_NAMES_ROLE_ARN: arn,
  AUDIT_APPEND_ROLE_ARN: arn,
  AUDIT_READ_ROLE_ARN: arn,
} satisfies Readonly<Record<VariableName | "AWS_REGION", z.ZodType<string>>>);
type Environment = z.infer<typeof Environment>;
export type ConfigName = keyof Environment;

/**
 * The named variables of this function. Throws where one is missing or malformed, naming it and not its value:
 * a function that starts without its configuration would fail later and worse.
 */
export function readConfig<const N extends ConfigName>(
  names: readonly N[],
  environment: NodeJS.ProcessEnv = process.env,
): Pick<Environment, N> {
  const mask = Object.fromEntries(names.map((name) => [name, true])) as Record<N, true>;
  const parsed = Environment.pick(mask as never).safeParse(environment);
  if (parsed.success) return parsed.data as Pick<Environment, N>;
  const wrong = parsed.error.issues.map((issue) => issue.path.join("."));
  throw new Error(`configuration: ${wrong.join(", ")} missing or malformed`);
}

/** Where the function's cell stands. */
export const siteOf = (config: Pick<Environment, "STAGE" | "CELL" | "ACCOUNT_ID" | "AWS_REGION">): Site => ({
  stage: config.STAGE,
  cell: config.CELL,
  accountId: config.ACCOUNT_ID,
  region: config.AWS_REGION,
});
