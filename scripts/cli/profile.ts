import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { CliFailure, EXIT } from "./failure.ts";

const Jwk = z.looseObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

const Client = z.strictObject({ clientId: z.string(), privateJwk: Jwk, tenantId: z.string().optional() });
export type Client = z.infer<typeof Client>;

const Member = z.strictObject({
  login: z.string(),
  password: z.string(),
  totpSecret: z.string(),
  tenantId: z.string(),
  role: z.string(),
  /** Of a synthetic member that this machine has made. */
  userId: z.string().optional(),
  displayName: z.string().optional(),
});
export type Member = z.infer<typeof Member>;

/** Which stage the CLI talks to, and as whom. The file holds private keys: it is readable by its owner alone. */
export const Profile = z.strictObject({
  stage: z.string(),
  cell: z.string(),
  region: z.string(),
  accountId: z.string(),
  publicUrl: z.url(),
  /** The embedded AWS; absent for a stage on AWS, where the SDK finds credentials as it always does. */
  aws: z.strictObject({ endpoint: z.url(), accessKeyId: z.string(), secretAccessKey: z.string() }).optional(),
  archiveBucket: z.string(),
  /** Absent where nobody here may read the witness's bucket. */
  witnessBucket: z.string().optional(),
  operator: Client,
  /** One client with the integration role for each tenant that something was imported into. */
  importers: z.record(z.string(), Client),
  /** The synthetic members of a local stage; empty for any other. */
  members: z.array(Member),
});
export type Profile = z.infer<typeof Profile>;

/** `KEYWARD_DATA`, or `.keyward` beside the project. */
export const dataFolder = (): string =>
  path.resolve(process.env["KEYWARD_DATA"] ?? path.join(import.meta.dirname, "../../.keyward"));

export const profileFile = (): string => process.env["KEYWARD_PROFILE"] ?? path.join(dataFolder(), "profile.json");

export function readProfile(file = profileFile()): Profile {
  if (!existsSync(file)) {
    throw new CliFailure("there is no profile yet: run `npm start` once, or name one with KEYWARD_PROFILE", EXIT.usage);
  }
  const parsed = Profile.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new CliFailure(`the profile does not parse (${fields}): mend or remove ${path.basename(file)}`, EXIT.usage);
}

/** The engine's own message would quote the file, which holds keys. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new CliFailure(`the profile is not JSON: mend or remove ${path.basename(file)}`, EXIT.usage);
  }
}

/** Replaces the file at once, so that a crash leaves the old one or the new one. */
export function writePrivateFile(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

export const writeProfile = (profile: Profile, file = profileFile()): void =>
  writePrivateFile(file, `${JSON.stringify(profile, null, 2)}\n`);
