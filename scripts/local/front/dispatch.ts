import { randomUUID } from "node:crypto";
import type { Clock } from "../../../core/kernel/clock.ts";
import { err, ok, type Result } from "../../../core/kernel/result.ts";
import type { Served } from "../billing/index.ts";
import type { Iam, Identity } from "../iam/index.ts";
import {
  ServiceError,
  type Call,
  type Prepared,
  type Service,
  type WireRequest,
  type WireResponse,
} from "../service.ts";
import type { Trail } from "../trail/index.ts";
import { accessDenied, authError, familyOf } from "./auth-errors.ts";
import { authorize, ownerOf } from "./authorize.ts";
import { isStreaming, unchunk } from "./aws-chunked.ts";
import { faultError, type Faults } from "./faults.ts";
import { renderJsonError } from "./json-protocol.ts";
import { parseClaim, type AuthFailure, type SignatureClaim } from "./sigv4-claim.ts";
import { checkScope, checkSignature, createSigningKeys, type SignedRequest } from "./sigv4.ts";

export interface ReceivedRequest extends SignedRequest {
  readonly sourceIp: string;
}

/** The answer, or `hang-up`: the connection breaks without one. */
export type Reply = WireResponse | "hang-up";

export interface DispatcherOptions {
  readonly services: readonly Service[];
  readonly iam: Iam;
  readonly trail: Trail;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly region: string;
  /** Hears of what a service threw that AWS would never say; the caller sees a 500 without its words. */
  readonly onDefect: (error: unknown) => void;
  /** Hears of every call that a service understood, when it is over: for the bill. */
  readonly onServed?: (served: Served) => void;
}

export interface Dispatcher {
  readonly dispatch: (request: ReceivedRequest) => Promise<Reply>;
  /** Resolves when no call is under way: only then may databases be closed. */
  idle(): Promise<void>;
}

interface Authenticated {
  readonly identity: Identity;
  readonly request: WireRequest;
}

/**
 * One AWS call from wire to wire: signature, credentials, what the service wants allowed, IAM, faults, the operation, the
 * trail. Nothing runs before all of its checks are allowed, and allowed and refused calls are recorded alike.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { iam, trail, faults, clock, region, onDefect, onServed } = options;
  const services = new Map(options.services.map((service) => [service.signingName, service]));
  const signingKeys = createSigningKeys();

  const authenticate = (received: ReceivedRequest, claim: SignatureClaim): Result<Authenticated, AuthFailure> => {
    const outOfScope = checkScope(claim, region, clock.now());
    if (outOfScope !== undefined) return err(outOfScope);
    const identity = iam.identify(claim.accessKeyId);
    if (identity === undefined) return err({ kind: "unknown-key" });
    if (!identity.acceptsToken(claim.sessionToken)) return err({ kind: "bad-token" });
    const signingKey = signingKeys(claim, identity.secretAccessKey);
    const checked = checkSignature(received, claim, signingKey);
    if (!checked.ok) return checked;
    // Told only to the holder of the secret.
    if (identity.session !== undefined && clock.now() >= identity.session.expiresAtMs)
      return err({ kind: "expired-token" });
    const { method, path, query, headers, body } = received;
    if (claim.service !== "s3" || !isStreaming(claim))
      return ok({ identity, request: { method, path, query, headers, body } });
    const plain = unchunk(body, claim, headers, signingKey);
    if (!plain.ok) return plain;
    const plainHeaders = { ...withoutChunking(headers), ...plain.value.trailers };
    return ok({ identity, request: { method, path, query, headers: plainHeaders, body: plain.value.body } });
  };

  const serve = async (service: Service, { identity, request }: Authenticated, call: Call): Promise<Reply> => {
    const record = (prepared: Prepared | undefined, error?: ServiceError): void => {
      const ownerId = prepared?.checks.map(ownerOf).find((owner) => owner !== undefined) ?? call.caller.accountId;
      if (prepared !== undefined)
        onServed?.({
          service: service.signingName,
          call,
          prepared,
          ownerId,
          ...(error === undefined ? {} : { error }),
        });
      const elements = error === undefined ? prepared?.responseElements?.() : undefined;
      trail.record({
        identity,
        service: service.signingName,
        operation: prepared?.operation ?? guessOperation(request),
        requestId: call.requestId,
        atMs: call.nowMs,
        sourceIp: call.sourceIp,
        userAgent: call.userAgent,
        isReadOnly: prepared?.readOnly ?? false,
        isManagementEvent: prepared?.managementEvent ?? !DATA_SERVICES.has(service.signingName),
        requestParameters: prepared?.requestParameters ?? {},
        ...(elements === undefined ? {} : { responseElements: elements }),
        resources: prepared?.checks.map((check) => check.resource) ?? [],
        recipientAccountId: ownerId,
        ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      });
    };
    let prepared: Prepared | undefined;
    try {
      prepared = await service.prepare(request, call);
      const refusal = authorize(identity, prepared.checks, call, region);
      if (refusal !== undefined) throw accessDenied(refusal.message, familyOf(service.signingName));
      const fault = faults.draw(service.signingName, prepared.operation);
      if (fault?.kind === "timeout-before") return "hang-up";
      if (fault?.kind === "throttle" || fault?.kind === "server-error")
        throw faultError(fault.kind, service.signingName);
      if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      const response = await prepared.run();
      if (fault?.kind === "server-error-after") throw faultError("server-error", service.signingName);
      record(prepared);
      return fault?.kind === "timeout-after" ? "hang-up" : withRequestId(response, call.requestId);
    } catch (error) {
      const told = error instanceof ServiceError ? error : faultError("server-error", service.signingName);
      if (told !== error) onDefect(error);
      record(prepared, told);
      return service.renderError(told, call, request);
    }
  };

  const dispatch = async (received: ReceivedRequest): Promise<Reply> => {
    const call = {
      requestId: randomUUID(),
      nowMs: clock.now(),
      sourceIp: received.sourceIp,
      userAgent: received.headers["user-agent"] ?? "",
    };
    const claim = parseClaim(received);
    const service = claim.ok ? services.get(claim.value.service) : undefined;
    const authenticated = claim.ok ? authenticate(received, claim.value) : claim;
    if (!authenticated.ok) {
      const name = claim.ok ? claim.value.service : guessService(received);
      const error = authError(authenticated.error, familyOf(name), claim.ok ? claim.value : undefined);
      const speaker = services.get(name);
      return speaker === undefined
        ? renderJsonError(error, call.requestId, "1.1")
        : speaker.renderError(error, call, received);
    }
    if (service === undefined) {
      const error = new ServiceError("NotImplemented", "This service is not part of the embedded AWS", 501);
      return renderJsonError(error, call.requestId, "1.1");
    }
    return serve(service, authenticated.value, { ...call, caller: authenticated.value.identity.caller });
  };

  const underWay = new Set<Promise<Reply>>();
  return {
    dispatch(received) {
      const reply = dispatch(received).finally(() => underWay.delete(reply));
      underWay.add(reply);
      return reply;
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

/** Every answer names its request, whatever the service put into it. */
const withRequestId = (response: WireResponse, requestId: string): WireResponse => ({
  ...response,
  headers: { "x-amzn-requestid": requestId, ...response.headers },
});

const DATA_SERVICES: ReadonlySet<string> = new Set(["dynamodb", "s3"]);

/** For the trail only, when the service could not say: letters and digits of what the caller named. */
function guessOperation(request: WireRequest): string {
  const target =
    request.headers["x-amz-target"]?.split(".").at(-1) ??
    new URLSearchParams(request.body.toString("latin1").slice(0, 4096)).get("Action");
  return target !== null && /^[A-Za-z0-9]{1,64}$/.test(target) ? target : "Unknown";
}

/** In whose words an unreadable signature is refused. */
function guessService(request: ReceivedRequest): string {
  const target = request.headers["x-amz-target"] ?? "";
  if (target !== "") return target.startsWith("DynamoDB") ? "dynamodb" : "unknown";
  return request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true ? "sts" : "s3";
}

/** The framing is off: the headers speak of the body that is left. */
function withoutChunking(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { "content-encoding": encoding = "", "x-amz-decoded-content-length": length = "", ...others } = headers;
  const kept = encoding
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "aws-chunked");
  return {
    ...others,
    "content-length": length,
    ...(kept.length === 0 ? {} : { "content-encoding": kept.join(",") }),
  };
}
