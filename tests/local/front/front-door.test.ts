import http from "node:http";
import { DescribeEndpointsCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { ServiceError, type Check } from "../../../scripts/local/service.ts";
import type { FaultKind } from "../../../scripts/local/front/index.ts";
import { openDoor, type Door } from "./door.ts";

const TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
const allow = (
  Action: string,
  Condition?: NonNullable<PolicyDocument["Statement"][number]["Condition"]>,
): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource: "*", ...(Condition === undefined ? {} : { Condition }) }],
});
const check = (action: string, more: Partial<Check> = {}): Check => ({ action, resource: TABLE, context: {}, ...more });

let door: Door;
const clients: { destroy(): void }[] = [];
beforeEach(async () => {
  door = await openDoor();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await door.close();
});

function clientOf(policy: PolicyDocument, maxAttempts = 1): DynamoDBClient {
  door.iam.users.put({ name: "someone", policies: { policy } });
  const credentials = door.iam.users.createAccessKey("someone");
  const client = new DynamoDBClient({ endpoint: door.server.endpoint, region: "us-east-1", credentials, maxAttempts });
  clients.push(client);
  return client;
}
const call = (client: DynamoDBClient) => client.send(new ListTablesCommand({}));
const failure = (promise: Promise<unknown>): Promise<{ name: string; message: string; status: number | undefined }> =>
  promise.then(
    () => ({ name: "none", message: "", status: undefined }),
    (error: { name: string; message: string; $metadata?: { httpStatusCode?: number } }) => ({
      name: error.name,
      message: error.message,
      status: error.$metadata?.httpStatusCode,
    }),
  );
const raw = (
  options: http.RequestOptions,
  body?: string,
): Promise<{ status: number | undefined; body: string; date: string | undefined }> =>
  new Promise((resolve, reject) => {
    const request = http.request(
      { host: "127.0.0.1", port: door.server.port, agent: false, ...options },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode, body: text, date: response.headers.date }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });

describe("authorization", () => {
  it("runs what IAM allows, and records it", async () => {
    door.echo.checks = [check("dynamodb:ListTables")];
    expect((await call(clientOf(allow("dynamodb:ListTables")))).TableNames).toEqual(["echo"]);
    expect(door.trail.records()).toMatchObject([
      {
        eventName: "ListTables",
        eventSource: "dynamodb.amazonaws.com",
        managementEvent: false,
        userIdentity: { type: "IAMUser", userName: "someone" },
        resources: [{ ARN: TABLE, type: "AWS::DynamoDB::Table" }],
      },
    ]);
  });

  it("runs nothing when one of several checks is refused, and records the refusal", async () => {
    door.echo.checks = [check("dynamodb:PutItem"), check("dynamodb:GetItem")];
    const { name, status } = await failure(call(clientOf(allow("dynamodb:PutItem"))));
    expect([name, status, door.echo.runs]).toEqual(["AccessDeniedException", 400, 0]);
    expect(door.trail.records()[0]).toMatchObject({ errorCode: "AccessDeniedException" });
  });

  const because = "is not authorized to perform: dynamodb:GetItem on resource: ";
  const denyStatement = { Effect: "Deny", Action: "*", Resource: "*" } as const;
  const cases: readonly (readonly [name: string, set: () => DynamoDBClient, words: string])[] = [
    [
      "no policy allows",
      () => clientOf(allow("kms:*")),
      `User: arn:aws:iam::111122223333:user/someone ${because}${TABLE} because no identity-based policy allows the dynamodb:GetItem action`,
    ],
    [
      "a policy denies",
      () => clientOf({ Version: "2012-10-17", Statement: [denyStatement] }),
      `User: arn:aws:iam::111122223333:user/someone ${because}${TABLE} with an explicit deny in an identity-based policy`,
    ],
    [
      "the resource's policy denies",
      () => {
        door.echo.checks = [
          check("dynamodb:GetItem", {
            resourcePolicy: { Version: "2012-10-17", Statement: [{ ...denyStatement, Principal: "*" }] },
          }),
        ];
        return clientOf(allow("*"));
      },
      `User: arn:aws:iam::111122223333:user/someone ${because}${TABLE} with an explicit deny in a resource-based policy`,
    ],
    [
      "the boundary is silent",
      () => {
        const client = clientOf(allow("*"));
        door.iam.users.put({ name: "someone", policies: { policy: allow("*") }, boundary: allow("kms:*") });
        return client;
      },
      `User: arn:aws:iam::111122223333:user/someone ${because}${TABLE} because no permissions boundary allows the dynamodb:GetItem action`,
    ],
  ];
  it.each(cases)("says in AWS's words that %s", async (_, set, words) => {
    door.echo.checks = [check("dynamodb:GetItem")];
    const { message } = await failure(call(set()));
    expect(message).toBe(words);
  });

  const conditions: readonly (readonly [name: string, condition: Record<string, Record<string, string>>])[] = [
    ["aws:SecureTransport, true because the loopback stands in for TLS", { Bool: { "aws:SecureTransport": "true" } }],
    ["aws:SourceIp", { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } }],
    ["aws:PrincipalArn", { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:user/someone" } }],
    ["aws:PrincipalAccount", { StringEquals: { "aws:PrincipalAccount": "111122223333" } }],
    ["aws:PrincipalType", { StringEquals: { "aws:PrincipalType": "User" } }],
    ["aws:PrincipalIsAWSService", { Bool: { "aws:PrincipalIsAWSService": "false" } }],
    ["aws:username", { StringEquals: { "aws:username": "someone" } }],
    ["aws:userid", { StringLike: { "aws:userid": "AIDA?????????????????" } }],
    ["aws:CurrentTime", { DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
    ["aws:EpochTime", { NumericGreaterThan: { "aws:EpochTime": "1577836800" } }],
    ["aws:RequestedRegion", { StringEquals: { "aws:RequestedRegion": "us-east-1" } }],
    ["no aws:TokenIssueTime for a long-lived key", { Null: { "aws:TokenIssueTime": "true" } }],
    ["no aws:SourceIdentity for a long-lived key", { Null: { "aws:SourceIdentity": "true" } }],
  ];
  it.each(conditions)("supplies %s", async (_, condition) => {
    door.echo.checks = [check("dynamodb:ListTables")];
    expect((await call(clientOf(allow("*", condition)))).TableNames).toEqual(["echo"]);
  });

  const sessionConditions: readonly (readonly [name: string, condition: Record<string, Record<string, string>>])[] = [
    ["aws:PrincipalTag", { StringEquals: { "aws:PrincipalTag/tenant": "a" } }],
    ["aws:PrincipalArn, the role's", { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/r" } }],
    ["aws:PrincipalType", { StringEquals: { "aws:PrincipalType": "AssumedRole" } }],
    ["aws:userid", { StringLike: { "aws:userid": "AROA*:session-1" } }],
    ["aws:SourceIdentity", { StringEquals: { "aws:SourceIdentity": "u-7" } }],
    ["aws:TokenIssueTime", { DateGreaterThan: { "aws:TokenIssueTime": "2020-01-01T00:00:00Z" } }],
    ["aws:MultiFactorAuthPresent", { Bool: { "aws:MultiFactorAuthPresent": "false" } }],
    ["no aws:username", { Null: { "aws:username": "true" } }],
  ];
  it.each(sessionConditions)("supplies %s for a role session", async (_, condition) => {
    const trust: PolicyDocument = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    };
    const role = door.iam.roles.put({ name: "r", trust, policies: { p: allow("*", condition) } });
    const credentials = door.iam.openSession({
      roleName: role.name,
      roleId: role.roleId,
      sessionName: "session-1",
      sourceIdentity: "u-7",
      tags: { tenant: "a" },
      transitiveTagKeys: [],
      issuedAtMs: door.clock.now(),
      expiresAtMs: door.clock.now() + 900_000,
    });
    const client = new DynamoDBClient({
      endpoint: door.server.endpoint,
      region: "us-east-1",
      credentials,
      maxAttempts: 1,
    });
    clients.push(client);
    door.echo.checks = [check("dynamodb:ListTables")];
    expect((await call(client)).TableNames).toEqual(["echo"]);
  });

  it("lets no service speak for the caller: the global keys win", async () => {
    door.echo.checks = [
      check("dynamodb:ListTables", {
        context: { "aws:PrincipalAccount": "999999999999", "aws:SecureTransport": false },
      }),
    ];
    expect(
      (await failure(call(clientOf(allow("*", { StringEquals: { "aws:PrincipalAccount": "999999999999" } }))))).name,
    ).toBe("AccessDeniedException");
  });

  it("obeys a change of policy at once", async () => {
    door.echo.checks = [check("dynamodb:ListTables")];
    const client = clientOf(allow("*"));
    await call(client);
    door.iam.users.put({ name: "someone", policies: {} });
    expect((await failure(call(client))).name).toBe("AccessDeniedException");
  });
});

describe("what goes wrong", () => {
  it("answers 501 for a service and an operation that are not there", async () => {
    const client = clientOf(allow("*"));
    expect(await failure(client.send(new DescribeEndpointsCommand({})))).toMatchObject({
      name: "UnknownOperationException",
      status: 501,
    });
    const credentials = door.iam.users.createAccessKey("someone");
    const kms = new KMSClient({ endpoint: door.server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    clients.push(kms);
    expect(await failure(kms.send(new ListKeysCommand({})))).toMatchObject({ name: "NotImplemented", status: 501 });
  });

  it("passes on what a service says", async () => {
    door.echo.failure = new ServiceError("ResourceNotFoundException", "Requested resource not found", 400);
    expect(await failure(call(clientOf(allow("*"))))).toMatchObject({ name: "ResourceNotFoundException", status: 400 });
    expect(door.trail.records()[0]).toMatchObject({ errorCode: "ResourceNotFoundException" });
    expect(door.defects).toEqual([]);
  });

  it("tells nobody but its owner what broke inside", async () => {
    door.echo.failure = new Error("planted detail");
    const { name, message, status } = await failure(call(clientOf(allow("*"))));
    expect([name, status]).toEqual(["InternalServerError", 500]);
    expect(message).not.toContain("planted");
    expect(JSON.stringify(door.trail.records())).not.toContain("planted");
    expect(door.defects).toEqual([door.echo.failure]);
  });

  it("refuses a body that is too long without reading it", async () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=a/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
    const answer = await raw({ method: "POST", headers: { authorization, "content-length": 18 * 1024 * 1024 } });
    expect(answer.status).toBe(413);
    expect(door.echo.runs).toBe(0);
  });

  it("records nothing of callers that it does not know", async () => {
    const client = clientOf(allow("*"));
    door.iam.users.delete("someone");
    expect(await failure(call(client))).toMatchObject({ name: "UnrecognizedClientException", status: 400 });
    expect(door.trail.records()).toEqual([]);
  });
});

describe("faults", () => {
  const strike = (kind: FaultKind): void =>
    door.faults.setPlan({ seed: 1, rules: [{ kind, service: "dynamodb", probability: 1, delayMs: 1 }] });

  it.each([
    ["throttle", "ThrottlingException", 0],
    ["server-error", "InternalServerError", 0],
    ["server-error-after", "InternalServerError", 1],
    ["timeout-before", "TimeoutError", 0],
    ["timeout-after", "TimeoutError", 1],
    ["delay", "none", 1],
  ] as const)("%s: the client sees %s and the service ran %s times", async (kind, name, runs) => {
    strike(kind);
    const seen = await failure(call(clientOf(allow("*"))));
    expect([seen.name === "ECONNRESET" || seen.name === "Error" ? "TimeoutError" : seen.name, door.echo.runs]).toEqual([
      name,
      runs,
    ]);
    expect(door.defects).toEqual([]);
  });

  it("strike only what was authorized", async () => {
    strike("throttle");
    door.echo.checks = [check("dynamodb:ListTables")];
    expect((await failure(call(clientOf(allow("kms:*"))))).name).toBe("AccessDeniedException");
    expect(door.faults.struck()).toEqual({});
  });

  it("are survived by an SDK client that tries again", async () => {
    door.faults.setPlan({ seed: 4, rules: [{ kind: "throttle", probability: 0.5 }] });
    expect((await call(clientOf(allow("*"), 10))).TableNames).toEqual(["echo"]);
  });
});

describe("the port", () => {
  it("gives requests that are no AWS calls to the HTTP API, or 404 without one", async () => {
    expect((await raw({ path: "/hello" })).status).toBe(404);
    door.server.setHttpApi((request, response) => void response.end(`api ${request.url}`));
    expect((await raw({ path: "/hello?a=1" })).body).toBe("api /hello?a=1");
    expect((await raw({ path: "/", headers: { authorization: "Bearer token" } })).body).toBe("api /");
    const signed = await raw({ path: "/", headers: { authorization: "AWS4-HMAC-SHA256 nonsense" } });
    expect([signed.status, signed.body.includes("api")]).toEqual([400, false]);
  });

  it("tells the time of its own clock, so that SDK clients follow it", async () => {
    const client = clientOf(allow("*"), 3);
    await call(client);
    await door.clock.advance(45 * 86_400_000);
    expect((await raw({ path: "/" })).date).toBe(new Date(door.clock.now()).toUTCString());
    expect((await call(client)).TableNames).toEqual(["echo"]);
  });

  it("listens on the loopback address only", () => {
    expect(door.server.endpoint).toBe(`http://127.0.0.1:${door.server.port}`);
  });

  it("lets a call under way end before it closes, and takes none after", async () => {
    const client = clientOf(allow("*"));
    door.faults.setPlan({ seed: 1, rules: [{ kind: "delay", probability: 1, delayMs: 250 }] });
    const underWay = call(client);
    await vi.waitFor(() => expect(door.faults.struck().delay).toBe(1), { timeout: 30_000, interval: 5 });
    const closed = door.server.close();
    expect((await underWay).TableNames).toEqual(["echo"]);
    await closed;
    expect((await failure(call(clientOf(allow("*"))))).name).not.toBe("none");
  });
});
