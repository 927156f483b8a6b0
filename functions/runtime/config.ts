import * as z from "zod";

/** A function's environment, parsed once. Each function is given only the variables that it uses. */
const Environment = z.object({
  STAGE: z.string().min(1),
  CELL: z.string().min(1),
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
  AWS_REGION: z.string().min(1),
  PUBLIC_URL: z.url(),
  DATA_TABLE: z.string(),
  OUTBOX_TABLE: z.string(),
  KEYS_TABLE: z.string(),
  REGISTRY_TABLE: z.string(),
  ARCHIVE_BUCKET: z.string(),
  ATTACHMENT_BUCKET: z.string(),
  CELL_KEY_ARN: z.string(),
  CHECKPOINT_KEY_ARN: z.string(),
  TOKEN_KEY_ARN: z.string(),
  SESSION_KEY_ARN: z.string(),
  TENANT_ROLE_ARN: z.string(),
  REGISTRY_READ_ROLE_ARN: z.string(),
  IDENTITY_ROLE_ARN: z.string(),
  CONTROL_PLANE_ROLE_ARN: z.string(),
  AUDIT_APPEND_ROLE_ARN: z.string(),
});
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
