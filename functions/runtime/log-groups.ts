import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import * as z from "zod";

type Bytes = string | ArrayBuffer | ArrayBufferView;

const toBuffer = (bytes: Bytes): Buffer =>
  typeof bytes === "string"
    ? Buffer.from(bytes)
    : bytes instanceof ArrayBuffer
      ? Buffer.from(bytes)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** SHA-256 as the SDK's signer asks for it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: Bytes) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", toBuffer(secret));
  }
  update(data: Bytes): void {
    this.#hash.update(toBuffer(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error("a signature is made once");
  }
}

const Found = z.looseObject({
  events: z.array(z.looseObject({ timestamp: z.number(), message: z.string() })).optional(),
  nextToken: z.string().optional(),
});

/** A line of a log group, with CloudWatch's own time of it. */
export interface GroupLine {
  readonly atMs: number;
  readonly text: string;
}

/** The groups of our functions that do not exist yet, because nothing was ever logged there. */
const MISSING = "ResourceNotFoundException";
const PAGES_MAX = 200;

/**
 * CloudWatch Logs FilterLogEvents with the function's own credentials, signed by the SDK's own signer: one call does not
 * carry a client of its own.
 */
export function ownLogGroups(region: string, environment: NodeJS.ProcessEnv = process.env) {
  const base = new URL(environment["AWS_ENDPOINT_URL"] ?? `https://logs.${region}.amazonaws.com`);
  const signer = new SignatureV4({
    service: "logs",
    region,
    sha256: Sha256,
    credentials: () =>
      Promise.resolve({
        accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
        ...(environment["AWS_SESSION_TOKEN"] !== undefined && { sessionToken: environment["AWS_SESSION_TOKEN"] }),
      }),
  });

  async function call(input: object): Promise<z.infer<typeof Found>> {
    const body = JSON.stringify(input);
    const port = base.port === "" ? {} : { port: Number(base.port) };
    const signed = await signer.sign({
      method: "POST",
      protocol: base.protocol,
      hostname: base.hostname,
      ...port,
      path: "/",
      query: {},
      headers: {
        host: base.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Logs_20140328.FilterLogEvents",
      },
      body,
    });
    const answer = await fetch(base, { method: "POST", headers: signed.headers, body });
    const text = await answer.text();
    if (answer.ok) return Found.parse(JSON.parse(text));
    if (text.includes(MISSING)) return {};
    // The answer's words stay here: only its status goes on.
    throw new Error(`FilterLogEvents: ${answer.status}`);
  }

  return {
    /** The lines of a group from `fromMs` to `toMs` inclusive, milliseconds since the epoch, in CloudWatch's order. */
    async lines(logGroupName: string, fromMs: number, toMs: number): Promise<GroupLine[]> {
      const found: GroupLine[] = [];
      let nextToken: string | undefined;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const { events = [], nextToken: next } = await call({
          logGroupName,
          startTime: fromMs,
          endTime: toMs,
          ...(nextToken !== undefined && { nextToken }),
        });
        found.push(...events.map(({ timestamp, message }) => ({ atMs: timestamp, text: message })));
        if (next === undefined) return found;
        nextToken = next;
      }
      throw new Error("FilterLogEvents: more lines than one run can read");
    },
  };
}

export type LogGroups = ReturnType<typeof ownLogGroups>;
