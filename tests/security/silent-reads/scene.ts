import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient, type Tag } from "@aws-sdk/client-sts";
import type { AuditEvent } from "../../../core/audit/event.ts";
import { type FunctionName, roleArn, sessionPolicy } from "../../../core/iam/index.ts";
import { toInstant } from "../../../core/kernel/clock.ts";
import type { TenantId } from "../../../core/kernel/ids.ts";
import { signalPartition } from "../../../core/table/index.ts";
import { unmarshalRow } from "../../../core/table/marshal.ts";
import { timeOfId } from "../../../core/kernel/ids.ts";
import { readSignalRow, type Signal } from "../../../core/watch/index.ts";
import { storedEvent } from "../../../functions/runtime/outbox-record.ts";
import { memberToken } from "../../../scripts/cli/sign-in.ts";
import { createVirtualClock } from "../../../scripts/local/front/index.ts";
import { startStack } from "../../../scripts/local/stack.ts";
import { type Credentials, functionCredentials, itemsOf } from "../aws.ts";
import { type Caller, cellKeyArn, type Clinic, PASSWORD, SITE, startWorld, type World } from "../world.ts";

type Patches = NonNullable<NonNullable<Parameters<typeof startStack>[0]>["patches"]>;

/** A world whose time can be moved, with what a watch test looks at. */
export interface Scene {
  readonly world: World;
  readonly clock: ReturnType<typeof createVirtualClock>;
  /** Somebody of a clinic in a role that the world has not. */
  member(clinic: Clinic, role: string, more?: object, name?: string): Promise<Caller>;
  /** A session of the role that requests work in, as its function vends it, for any user that is named. */
  session(tenantId: TenantId, userId: string): Promise<Credentials>;
  /** The same of the role that exports work in. */
  exportSession(tenantId: TenantId, userId: string): Promise<Credentials>;
  /** Takes away what keeps an administrator from the charts, as an administrator could. */
  liftTablePolicy(): void;
  /** An event of the outbox, read with the reconciler's credentials. */
  events(tenantId: TenantId, eventId: string): AuditEvent | undefined;
  /** A client that names whatever request it likes. */
  dynamo(credentials: Credentials, requestName?: string): DynamoDBClient;
  readonly root: Credentials;
  /** Moves time; what is scheduled runs, and what CloudTrail and the streams hold is delivered. */
  pass(ms: number): Promise<void>;
  signals(tenantId: TenantId): Promise<Signal[]>;
  close(): Promise<void>;
}

export const MINUTE_MS = 60_000;

export async function startScene(options: { readonly patches?: Patches } = {}): Promise<Scene> {
  const clock = createVirtualClock({ isFlowing: true });
  const world = await startWorld({ clock, ...options });
  const { endpoint, cloud } = world.stack;
  const root = cloud.rootCredentials;
  const clients: { destroy(): void }[] = [];
  const dynamo = (credentials: Credentials, requestName?: string): DynamoDBClient => {
    const client = new DynamoDBClient({
      region: SITE.region,
      endpoint,
      credentials,
      maxAttempts: 3,
      ...(requestName !== undefined && { customUserAgent: [["kw", requestName]] }),
    });
    clients.push(client);
    return client;
  };
  /** A session that a function's code would open, with the tags and the source identity that are asked for. */
  async function assume(
    from: FunctionName,
    role: string,
    tenantId: TenantId,
    userId: string,
    more: Partial<AssumeRoleCommandInput> = {},
    tags: readonly Tag[] = [],
  ): Promise<Credentials> {
    const sts = new STSClient({
      region: SITE.region,
      endpoint,
      credentials: functionCredentials(world, from),
      maxAttempts: 3,
    });
    const answer = await sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn(SITE, role),
        RoleSessionName: `u-${userId}`,
        SourceIdentity: `u-${userId}`,
        DurationSeconds: 900,
        Tags: [
          { Key: "tenant", Value: tenantId },
          { Key: "purpose", Value: "TREAT" },
          { Key: "role", Value: "physician" },
          ...tags,
        ],
        ...more,
      }),
    );
    sts.destroy();
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  return {
    world,
    clock,
    root,
    dynamo,
    async member(clinic, role, more = {}, name = role) {
      const login = `${name}.${clinic.tenantId.slice(-6)}`;
      const made = await world.operator.send("POST", `/platform/tenants/${clinic.tenantId}/users`, {
        body: { login, displayName: role, roles: [role], password: PASSWORD, ...more },
      });
      if (made.status !== 201) throw new Error(`user: ${made.status} ${made.text}`);
      const totpSecret = String(made.body["totpSecret"]);
      return world.caller(
        await memberToken(endpoint, { login, password: PASSWORD, totpSecret, tenantId: clinic.tenantId, role }),
      );
    },
    session: (tenantId, userId) =>
      assume("fhir", "keyward-dev-c01-tenant-request", tenantId, userId, {
        Policy: JSON.stringify(
          sessionPolicy(
            SITE,
            { cell: cellKeyArn(world.stack) },
            { tenantId, classes: ["C", "D", "B", "X", "I"], purpose: "TREAT" },
          ),
        ),
      }),
    exportSession: (tenantId, userId) =>
      assume("export", "keyward-dev-c01-tenant-export", tenantId, userId, {}, [{ Key: "job", Value: userId }]),
    events: (tenantId, eventId) => {
      const pk = `T#${tenantId}#A#${toInstant(timeOfId(eventId)).slice(0, 10)}`;
      const found = itemsOf(world, "outbox").find((item) => item["pk"]?.S === pk && item["sk"]?.S === eventId);
      return storedEvent(pk, found?.["event"]?.B)?.event;
    },
    liftTablePolicy() {
      const nobody = { Effect: "Deny", Principal: "*", Action: "dynamodb:DeleteItem", Resource: "*" } as const;
      cloud.dynamodb.putResourcePolicy("keyward-dev-c01-data", { Version: "2012-10-17", Statement: [nobody] });
    },
    async pass(ms) {
      await world.stack.drain();
      for (let left = ms; left > 0; left -= MINUTE_MS) {
        await clock.advance(Math.min(left, MINUTE_MS));
        await world.stack.drain();
      }
    },
    async signals(tenantId) {
      const reader = dynamo(await assume("clinic", "keyward-dev-c01-audit-read", tenantId, tenantId));
      const found = await reader.send(
        new QueryCommand({
          TableName: "keyward-dev-c01-trail",
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": { S: signalPartition(tenantId) } },
        }),
      );
      return (found.Items ?? []).map((item) => readSignalRow(tenantId, unmarshalRow(item)));
    },
    async close() {
      for (const client of clients) client.destroy();
      await world.close();
    },
  };
}
