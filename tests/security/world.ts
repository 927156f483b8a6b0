import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { STSClient, AssumeRoleCommand } from "@aws-sdk/client-sts";
import {
  roleArn,
  sessionPolicy,
  type PolicyDocument,
  type SessionPurpose,
  type WitnessedSite,
} from "../../core/iam/index.ts";
import { systemClock } from "../../core/kernel/clock.ts";
import type { DataClass } from "../../core/kernel/data-class.ts";
import { encodeId, type TenantId } from "../../core/kernel/ids.ts";
import { createDynamoTable } from "../../core/table/dynamodb.ts";
import { createMeter } from "../../core/table/index.ts";
import { createRegistryStore } from "../../core/table/registry-store.ts";
import { type RegistryRow, tenantKey } from "../../core/tenant/index.ts";
import { clientToken, memberToken, newClientKey } from "../../scripts/cli/sign-in.ts";
import type { Client, Member } from "../../scripts/cli/profile.ts";
import { startStack, type Stack } from "../../scripts/local/stack.ts";
import { createFirstOperator } from "../../scripts/start/operator.ts";
import { quickPasswords } from "../fixtures/quick-passwords.ts";
import { randomBytes } from "node:crypto";

export const PASSWORD = "correct horse battery staple";
export const SITE: WitnessedSite = {
  stage: "dev",
  cell: "c01",
  accountId: "111122223333",
  region: "us-east-1",
  witnessAccountId: "444455556666",
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}
// A test looks into answers of any shape.
export type Json = { readonly [member: string]: Json } & { readonly [index: number]: Json } & string &
  number &
  readonly Json[];

export interface Caller {
  readonly token: string;
  readonly send: (
    method: string,
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Record<string, string> },
  ) => Promise<Answer>;
}

export interface Clinic {
  readonly tenantId: TenantId;
  /** In every field of this clinic's records: found anywhere else, it is a leak. */
  readonly canary: string;
  readonly doc: Caller;
  readonly desk: Caller;
  readonly bill: Caller;
  readonly importer: Caller;
  readonly member: (role: string) => Member;
}

export interface World {
  readonly stack: Stack;
  readonly operator: Caller;
  /** The platform's own tenant. */
  readonly operations: { readonly tenantId: TenantId };
  readonly a: Clinic;
  readonly b: Clinic;
  /** STS credentials as the vending code makes them, or with a part left out or changed. */
  credentials(
    options: CredentialOptions,
  ): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }>;
  caller(token: string): Caller;
  setTenantStatus(tenantId: TenantId, status: "active" | "suspended"): Promise<void>;
  close(): Promise<void>;
}

export interface CredentialOptions {
  readonly tenantId: TenantId;
  readonly classes?: readonly DataClass[];
  /** The tag's tenant, where it differs from the policy's; `null` leaves the tags out. */
  readonly tagTenant?: string | null;
  /** `null` leaves the session policy out. */
  readonly policy?: PolicyDocument | null;
  /** Of tag and policy; TREAT where it is left out. */
  readonly purpose?: SessionPurpose;
}

export const newTestId = (): string => encodeId(Buffer.concat([Buffer.from([1]), randomBytes(15)]));

function callerOf(publicUrl: string, token: string): Caller {
  return {
    token,
    async send(method, path, options = {}) {
      const isText = typeof options.body === "string";
      const response = await fetch(`${publicUrl}${path}`, {
        method,
        redirect: "manual",
        headers: {
          authorization: `Bearer ${token}`,
          ...(options.body === undefined
            ? {}
            : { "content-type": path.startsWith("/fhir") ? "application/fhir+json" : "application/json" }),
          ...(method === "GET" ? {} : { "idempotency-key": randomBytes(16).toString("hex") }),
          ...(path.startsWith("/platform") && method !== "GET" ? { "x-reason": "onboarding" } : {}),
          ...options.headers,
        },
        ...(options.body === undefined
          ? {}
          : { body: isText ? (options.body as string) : JSON.stringify(options.body) }),
      });
      const text = await response.text();
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch {
        body = undefined;
      }
      return { status: response.status, headers: response.headers, text, body: body as Json };
    },
  };
}

/**
 * A whole stage in memory with an operator and two clinics, made as `npm start` makes them. What its streams feed waits for
 * the first `drain`: who never looks at it need not pay for it.
 */
export async function startWorld(stackOptions: Parameters<typeof startStack>[0] = {}): Promise<World> {
  const stack = sleepingStreams(await startStack({ ...stackOptions, patches: quickPasswords(stackOptions.patches) }));
  const publicUrl = stack.endpoint;
  const { accessKeyId, secretAccessKey } = stack.cloud.rootCredentials;
  const root = {
    region: SITE.region,
    endpoint: publicUrl,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  };
  const rootDynamo = new DynamoDBClient(root);
  const registry = createRegistryStore(
    createDynamoTable({
      client: rootDynamo,
      names: { registry: "keyward-dev-registry" },
      clock: systemClock,
      meter: createMeter(),
    }),
  );
  const operatorClient = await createFirstOperator(registry, Date.now());
  const operator = callerOf(publicUrl, await clientToken(publicUrl, operatorClient, "platform"));

  async function must(method: string, path: string, body: unknown): Promise<Json> {
    const answer = await operator.send(method, path, { body });
    if (answer.status !== 201) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  async function makeClinic(prefix: string): Promise<Clinic> {
    const tenant = await must("POST", "/platform/tenants", { name: `Clinic ${prefix}` });
    const tenantId = String(tenant["id"]) as TenantId;
    const members = new Map<string, Member>();
    const sign = async (role: string): Promise<Caller> => {
      const login = `${prefix}.${role}`;
      const { totpSecret } = await must("POST", `/platform/tenants/${tenantId}/users`, {
        login,
        displayName: role,
        roles: [role],
        password: PASSWORD,
      });
      const member = { login, password: PASSWORD, totpSecret: String(totpSecret), tenantId, role };
      members.set(role, member);
      return callerOf(publicUrl, await memberToken(publicUrl, member));
    };
    const key = newClientKey();
    const { clientId } = await must("POST", `/platform/tenants/${tenantId}/clients`, {
      name: "importer",
      roles: ["integration"],
      purpose: "HOPERAT",
      jwks: { keys: [key.publicJwk] },
    });
    const client: Client = { clientId: String(clientId), privateJwk: key.privateJwk };
    return {
      tenantId,
      canary: `CANARY${prefix.toUpperCase()}${randomBytes(6).toString("hex")}`,
      doc: await sign("physician"),
      desk: await sign("front-desk"),
      bill: await sign("billing"),
      importer: callerOf(publicUrl, await clientToken(publicUrl, client, "system/*.cruds")),
      member: (role) => {
        const found = members.get(role);
        if (found === undefined) throw new Error(`no member with the role ${role}`);
        return found;
      },
    };
  }

  async function credentials({
    tenantId,
    classes = ["C", "D", "X", "I"],
    tagTenant,
    policy,
    purpose = "TREAT",
  }: CredentialOptions) {
    const session = stack.cloud.iam.issueServiceSession(
      roleArn(SITE, "keyward-dev-fn-fhir"),
      "lambda.amazonaws.com",
      "test",
    );
    const sts = new STSClient({ ...root, credentials: session });
    const tenant = tagTenant === undefined ? tenantId : tagTenant;
    const keys = { cell: cellKeyArn(stack) };
    const document = policy === undefined ? sessionPolicy(SITE, keys, { tenantId, classes, purpose }) : policy;
    const answer = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn(SITE, "keyward-dev-c01-tenant-request"),
        RoleSessionName: "test",
        SourceIdentity: `u-${newTestId()}`,
        DurationSeconds: 900,
        ...(tenant === null
          ? {}
          : {
              Tags: [
                { Key: "tenant", Value: tenant },
                { Key: "purpose", Value: purpose },
                { Key: "role", Value: "physician" },
              ],
            }),
        ...(document === null ? {} : { Policy: JSON.stringify(document) }),
      }),
    );
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  return {
    stack,
    operator,
    operations: { tenantId: operatorClient.tenantId as TenantId },
    a: await makeClinic("a"),
    b: await makeClinic("b"),
    credentials,
    caller: (token) => callerOf(publicUrl, token),
    async setTenantStatus(tenantId, status) {
      const row = await registry.get(tenantKey(tenantId));
      if (row === undefined) throw new Error("no such tenant");
      const next: RegistryRow = { ...row, status, rev: row.rev + 1, epoch: Number(row["epoch"]) + 1 };
      await registry.write([{ kind: "replace", row: next, rev: row.rev }]);
    },
    async close() {
      rootDynamo.destroy();
      await stack.close();
    },
  };
}

function sleepingStreams(stack: Stack): Stack {
  const paused = stack.eventSources.pause();
  return {
    ...stack,
    async drain(timeoutMs) {
      await paused;
      stack.eventSources.resume();
      await stack.drain(timeoutMs);
    },
  };
}

/** The ARN that the functions were given for the cell's key. */
export function cellKeyArn(stack: Stack): string {
  const found = stack.provisioned.functions.find(({ functionName }) => functionName.endsWith("-fhir"));
  const arn = found?.environment["CELL_KEY_ARN"];
  if (arn === undefined) throw new Error("the fhir function knows the cell's key");
  return arn;
}

/** A patient whose every field carries the clinic's canary. */
export const canaryPatient = ({ canary }: Clinic) => ({
  resourceType: "Patient",
  identifier: [{ system: "urn:test:mrn", value: `${canary}-mrn` }],
  name: [{ family: `${canary}-family`, given: [`${canary}-given`] }],
  telecom: [{ system: "email", value: `${canary}@example.org` }],
  address: [{ line: [`${canary} street`], city: `${canary}-city` }],
  gender: "female",
  birthDate: "1980-02-29",
});

export const canaryObservation = ({ canary }: Clinic, patientId: string, more: Record<string, unknown> = {}) => ({
  resourceType: "Observation",
  status: "final",
  code: {
    coding: [{ system: "http://loinc.org", code: "29463-7", display: `${canary}-display` }],
    text: `${canary}-code`,
  },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: "2026-11-01T08:00:00Z",
  valueString: `${canary}-value`,
  note: [{ text: `${canary}-note` }],
  ...more,
});
