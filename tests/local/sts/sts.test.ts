import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCloud, type Cloud } from "../../../scripts/local/front/index.ts";
import { parseParameters, queryError, toXml } from "../../../scripts/local/sts/query-protocol.ts";
import { packedPolicyPercent } from "../../../scripts/local/sts/index.ts";
import { ServiceError, type WireRequest } from "../../../scripts/local/service.ts";

const request = (query: string, body: string): WireRequest => ({
  method: "POST",
  path: "/",
  query,
  headers: {},
  body: Buffer.from(body),
});
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "none";
  } catch (error) {
    return error instanceof ServiceError ? error.code : "not a ServiceError";
  }
};

describe("the query protocol", () => {
  it("reads body and query as one, without what presigned the request", () => {
    const parameters = parseParameters(request("X-Amz-Date=1&Version=v", "Action=A&__proto__=x&Note=a%20b%2Bc"));
    expect([...parameters]).toEqual([
      ["Version", "v"],
      ["Action", "A"],
      ["__proto__", "x"],
      ["Note", "a b+c"],
    ]);
  });

  it.each([
    ["a parameter in body and query", request("Action=A", "Action=B")],
    ["a parameter given twice", request("", "Action=A&Action=A")],
    ["a thousand parameters", request("", Array.from({ length: 1000 }, (_, index) => `p${index}=`).join("&"))],
  ])("refuses %s", (_, wire) => {
    expect(codeOf(() => parseParameters(wire))).toBe("MalformedInput");
  });

  it("escapes what it says", () => {
    expect(toXml({ A: `<b>&"'`, B: undefined, C: { D: 1 } })).toBe("<A>&#60;b&#62;&#38;&#34;&#39;</A><C><D>1</D></C>");
    const { body, status } = queryError(new ServiceError("AccessDenied", "<x>", 403), "id");
    expect([status, String(body).includes("<Message>&#60;x&#62;</Message>")]).toEqual([403, true]);
  });
});

describe("the packed size", () => {
  it("grows with policy and tags, and leaves room for the longest session policy of ours", () => {
    const policy = (statements: number): string =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: Array.from({ length: statements }, (_, index) => ({
          Effect: "Allow",
          Action: [`dynamodb:Action${index}`],
          Resource: `arn:aws:dynamodb:us-east-1:111122223333:table/keyward-dev-c01-data${index}`,
        })),
      });
    expect(packedPolicyPercent(undefined, {})).toBe(0);
    const tags = { tenant: "01hxyzabcd0123456789abcdef", purpose: "TREAT", role: "physician" };
    expect(packedPolicyPercent(undefined, tags)).toBeGreaterThan(0);
    const longest = policy(14);
    expect(longest.length).toBeGreaterThan(1835);
    expect(packedPolicyPercent(longest, tags)).toBeLessThan(80);
    expect(packedPolicyPercent(policy(2), tags)).toBeLessThan(packedPolicyPercent(longest, tags));
  });
});

describe("STS over the wire", () => {
  let folder: string;
  let cloud: Cloud;
  const clients: STSClient[] = [];
  const clientOf = (credentials: {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
  }): STSClient => {
    const sts = new STSClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    clients.push(sts);
    return sts;
  };
  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "keyward-sts-"));
    cloud = await createCloud({ folder });
  });
  afterEach(async () => {
    for (const sts of clients.splice(0)) sts.destroy();
    await cloud.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("knows who the root and a user are", async () => {
    const who = async (sts: STSClient) => (await sts.send(new GetCallerIdentityCommand({}))).Arn;
    expect(await who(clientOf({ ...cloud.rootCredentials }))).toBe("arn:aws:iam::111122223333:root");
    cloud.iam.users.put({ name: "someone" });
    expect(await who(clientOf(cloud.iam.users.createAccessKey("someone")))).toBe(
      "arn:aws:iam::111122223333:user/someone",
    );
  });

  it("answers 501 for an operation that is not built", async () => {
    const asked = clientOf({ ...cloud.rootCredentials }).send(new GetSessionTokenCommand({}));
    await expect(asked).rejects.toMatchObject({ name: "NotImplemented", $metadata: { httpStatusCode: 501 } });
  });

  it("keeps a session, its policy, tags and source identity over a restart", async () => {
    const user = cloud.iam.users.put({
      name: "someone",
      policies: {
        sts: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:*", Resource: "*" }] },
      },
    });
    cloud.iam.roles.put({
      name: "r",
      trust: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: user.arn },
            Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
          },
        ],
      },
    });
    const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:Sign", Resource: "*" }] };
    const { Credentials: issued } = await clientOf(cloud.iam.users.createAccessKey("someone")).send(
      new AssumeRoleCommand({
        RoleArn: "arn:aws:iam::111122223333:role/r",
        RoleSessionName: "kept",
        SourceIdentity: "u-7",
        Policy: JSON.stringify(policy),
        Tags: [{ Key: "tenant", Value: "a" }],
        TransitiveTagKeys: ["tenant"],
      }),
    );
    await cloud.close();
    cloud = await createCloud({ folder });
    const session = {
      accessKeyId: issued?.AccessKeyId ?? "",
      secretAccessKey: issued?.SecretAccessKey ?? "",
      sessionToken: issued?.SessionToken ?? "",
    };
    const { Arn } = await clientOf(session).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe("arn:aws:sts::111122223333:assumed-role/r/kept");
    const identity = cloud.iam.identify(session.accessKeyId);
    expect(identity?.policies.session).toEqual([policy]);
    expect(identity?.caller).toMatchObject({ sourceIdentity: "u-7", sessionTags: { tenant: "a" } });
    expect(identity?.session?.transitiveTagKeys).toEqual(["tenant"]);
  });
});
