import { createCloud, type Cloud, type CloudOptions } from "../../scripts/local/front/index.ts";

/** What the conformance suite talks to. */
export interface Target {
  readonly endpoint: string;
  readonly region: string;
  /** An administrator of the account who is not its root: the root cannot assume roles. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly accountId: string;
  /** The embedded AWS itself, for what has no operation over the wire; undefined for any other endpoint. */
  readonly cloud?: Cloud;
  close(): Promise<void>;
}

/** The options that every SDK client of the suite takes. One attempt: a refusal must show as it is. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Target["credentials"];
  readonly maxAttempts: number;
}

export const clientOptions = (
  target: Target,
  credentials: Target["credentials"] = target.credentials,
): ClientOptions => ({
  endpoint: target.endpoint,
  region: target.region,
  credentials,
  maxAttempts: 1,
});

/** True when another endpoint than the embedded AWS is tested: probes that need `cloud` skip themselves. */
export const isPeer = process.env["CONFORMANCE_ENDPOINT"] !== undefined;

/** A fresh embedded AWS in memory, or with CONFORMANCE_ENDPOINT that endpoint and the credentials of AWS_*. */
export async function target(options: CloudOptions = {}): Promise<Target> {
  const endpoint = process.env["CONFORMANCE_ENDPOINT"];
  if (endpoint === undefined) return embedded(options);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, ACCOUNT_ID } = process.env;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) {
    throw new Error("CONFORMANCE_ENDPOINT needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  return {
    endpoint,
    region: AWS_REGION ?? "us-east-1",
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
    },
    accountId: ACCOUNT_ID ?? "111122223333",
    close: () => Promise.resolve(),
  };
}

async function embedded(options: CloudOptions): Promise<Target> {
  const defects: unknown[] = [];
  const cloud = await createCloud({ ...options, onDefect: (error) => defects.push(error) });
  cloud.iam.users.put({
    name: "administrator",
    policies: {
      everything: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
    },
  });
  return {
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.iam.users.createAccessKey("administrator"),
    accountId: cloud.accountId,
    cloud,
    async close() {
      await cloud.close();
      if (defects.length > 0) throw new AggregateError(defects, "the embedded AWS failed inside");
    },
  };
}
