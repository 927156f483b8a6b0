import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { evaluate, principalContext, type PolicyDocument } from "../../../core/iam/index.ts";
import type { Clock } from "../../../core/kernel/clock.ts";
import {
  ServiceError,
  type Call,
  type Caller,
  type Check,
  type Prepared,
  type Service,
  type ServiceDeps,
  type WireRequest,
  type WireResponse,
} from "../../../scripts/local/service.ts";

export const ACCOUNT_ID = "111122223333";
export const REGION = "us-east-1";

/** A clock that tests move. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(startMs = Date.now()): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}

function masterKey(folder: string | undefined): Buffer {
  if (folder === undefined) return randomBytes(32);
  const file = join(folder, "master");
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(32), { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  return readFileSync(file);
}

/** What a service is built from: files under `folder`, or everything in memory without one. */
export function testDeps(clock: Clock, folder?: string): ServiceDeps {
  const key = masterKey(folder);
  const blobFolder = folder === undefined ? undefined : join(folder, "blobs");
  if (blobFolder !== undefined) mkdirSync(blobFolder, { recursive: true });
  return {
    openDatabase: (name) => new DatabaseSync(folder === undefined ? ":memory:" : join(folder, `${name}.db`)),
    blobFolder,
    clock,
    accountId: ACCOUNT_ID,
    region: REGION,
    wrapSecret(plaintext) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    unwrapSecret(wrapped) {
      const decipher = createDecipheriv("aes-256-gcm", key, wrapped.subarray(0, 12));
      decipher.setAuthTag(wrapped.subarray(-16));
      return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
    },
  };
}

/** Someone who calls, with the policies that bind them. Found by access key id; no signature is checked here. */
export interface TestPrincipal {
  readonly roleName: string;
  readonly policies: readonly PolicyDocument[];
  readonly session?: readonly PolicyDocument[];
  readonly tags?: Readonly<Record<string, string>>;
}

export const allow = (...actions: readonly string[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
});

/** Someone whom every identity policy allows everything. */
export const ADMIN: TestPrincipal = { roleName: "admin", policies: [allow("*")] };

const callerOf = (principal: TestPrincipal, accessKeyId: string): Caller => ({
  arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${principal.roleName}/session`,
  accountId: ACCOUNT_ID,
  type: "AssumedRole",
  accessKeyId,
  roleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${principal.roleName}`,
  sessionName: "session",
  sessionTags: principal.tags ?? {},
});

export function testCall(principal: TestPrincipal, clock: Clock, accessKeyId = "ADMIN"): Call {
  return {
    requestId: randomUUID(),
    caller: callerOf(principal, accessKeyId),
    nowMs: clock.now(),
    sourceIp: "127.0.0.1",
    userAgent: "test",
  };
}

/** Whether IAM allows one check, with the real evaluator. */
export function isAllowed(check: Check, principal: TestPrincipal, call: Call): boolean {
  const { caller } = call;
  const context = {
    ...principalContext(caller, caller.sessionTags),
    "aws:SecureTransport": true,
    "aws:CurrentTime": new Date(call.nowMs).toISOString(),
    ...check.context,
  };
  const request = { principal: caller, action: check.action, resource: check.resource, context };
  return evaluate(request, {
    identity: principal.policies,
    ...(principal.session === undefined ? {} : { session: principal.session }),
    ...(check.resourcePolicy === undefined ? {} : { resource: check.resourcePolicy }),
    ...(check.resourcePolicyMandatory === undefined ? {} : { resourceMandatory: check.resourcePolicyMandatory }),
  }).allowed;
}

export interface TestServer {
  readonly endpoint: string;
  readonly port: number;
  /** Every request that was understood, oldest first. */
  readonly prepared: readonly Prepared[];
  /** Every answer's status and body, for leak scans. */
  readonly answers: readonly WireResponse[];
  close(): Promise<void>;
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts)));
    request.on("error", reject);
  });
}

/** Takes the aws-chunked framing off and gives the trailing headers, as the front door does. */
function decodeChunks(framed: Buffer): { readonly body: Buffer; readonly trailers: Record<string, string> } {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = framed.indexOf("\r\n", offset);
    const size = Number.parseInt(framed.subarray(offset, lineEnd).toString().split(";")[0] ?? "", 16);
    offset = lineEnd + 2;
    if (size === 0) break;
    parts.push(framed.subarray(offset, offset + size));
    offset += size + 2;
  }
  const lines = framed
    .subarray(offset)
    .toString()
    .split("\r\n")
    .filter((line) => line.includes(":"));
  const trailers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { body: Buffer.concat(parts), trailers: Object.fromEntries(trailers) };
}

async function toWire(request: IncomingMessage): Promise<WireRequest> {
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const raw = await readBody(request);
  const isFramed = headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true;
  const { body, trailers } = isFramed ? decodeChunks(raw) : { body: raw, trailers: {} };
  return { method: request.method ?? "GET", path, query, headers: { ...headers, ...trailers }, body };
}

const credentialOf = (request: WireRequest): string =>
  /Credential=([^,\s]+)/.exec(request.headers["authorization"] ?? "")?.[1] ??
  new URLSearchParams(request.query).get("X-Amz-Credential") ??
  "";

/** One loopback server in front of `services`: no signatures, but permissions as IAM decides them. */
export async function startServer(
  services: readonly Service[],
  options: { readonly clock: Clock; readonly principals?: Readonly<Record<string, TestPrincipal>> },
): Promise<TestServer> {
  const prepared: Prepared[] = [];
  const answers: WireResponse[] = [];

  async function answer(request: WireRequest): Promise<WireResponse> {
    const [accessKeyId = "", , , signingName = ""] = credentialOf(request).split("/");
    const service = services.find((candidate) => candidate.signingName === signingName);
    if (service === undefined) return { status: 501, headers: {}, body: "no such service" };
    const principal = options.principals?.[accessKeyId] ?? ADMIN;
    const call = testCall(principal, options.clock, accessKeyId);
    try {
      const understood = await service.prepare(request, call);
      prepared.push(understood);
      if (!understood.checks.every((check) => isAllowed(check, principal, call))) {
        throw signingName === "s3"
          ? new ServiceError("AccessDenied", "Access Denied", 403)
          : new ServiceError("AccessDeniedException", "not authorized", 400);
      }
      return await understood.run();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return service.renderError(error, call, request);
    }
  }

  const server: Server = createServer((request, response) => {
    toWire(request)
      .then(answer)
      .catch((error: unknown): WireResponse => ({
        status: 500,
        headers: {},
        body: String(error instanceof Error ? error.stack : error),
      }))
      .then((wire) => {
        answers.push(wire);
        response.writeHead(wire.status, wire.headers);
        response.end(request.method === "HEAD" ? undefined : wire.body);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    prepared,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
