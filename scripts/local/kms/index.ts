import {
  ServiceError,
  type Call,
  type Prepared,
  type Service,
  type ServiceDeps,
  type WireRequest,
  type WireResponse,
} from "../service.ts";
import type { BilledUse } from "../billing/count.ts";
import { notImplemented } from "./errors.ts";
import { operationName, parseInput, refuseUnknownMembers } from "./input.ts";
import { openKeyring } from "./keyring.ts";
import type { Answer, Operations } from "./operation.ts";
import { aliasOperations } from "./operations/aliases.ts";
import { dataKeyOperations } from "./operations/data-keys.ts";
import { encryptionOperations } from "./operations/encryption.ts";
import { keyOperations } from "./operations/keys.ts";
import { macOperations } from "./operations/macs.ts";
import { policyOperations } from "./operations/policies.ts";
import { rotationOperations } from "./operations/rotation.ts";
import { signingOperations } from "./operations/signing.ts";
import { tagOperations } from "./operations/tags.ts";
import { provisionKey, type KeyDefinition } from "./provision.ts";
import { recheck } from "./recheck.ts";
import { serviceUse, type OnServiceUse, type ServiceUse } from "./service-use.ts";

export type { KeySpec } from "./key-specs.ts";
export { recheck } from "./recheck.ts";
export type { KeyDefinition } from "./provision.ts";
export type { PreparedUse, ServiceUse } from "./service-use.ts";

/** The embedded KMS, with what the provisioner and other services call without a signature. */
export interface Kms extends Service {
  /** Idempotent: a known key keeps its material. Throws ServiceError MalformedPolicyDocumentException. */
  provisionKey(definition: KeyDefinition): { readonly keyId: string; readonly arn: string };
  /** How another service of the embedded AWS uses keys in its caller's name. */
  useForService(service: string): ServiceUse;
  /** The keys that AWS asks for by the hour: those that customers made, unless they wait for their deletion. */
  billedKeys(): readonly BilledKey[];
  close(): void;
}

export interface BilledKey {
  readonly arn: string;
  readonly createdAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

const OPERATIONS: Operations = {
  ...keyOperations,
  ...aliasOperations,
  ...rotationOperations,
  ...encryptionOperations,
  ...dataKeyOperations,
  ...signingOperations,
  ...macOperations,
  ...policyOperations,
  ...tagOperations,
};

const CONTENT_TYPE = "application/x-amz-json-1.1";

function prepare(keyring: ReturnType<typeof openKeyring>, request: WireRequest, call: Call): Prepared {
  const name = operationName(request);
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) throw notImplemented("This operation");
  const input = parseInput(request);
  refuseUnknownMembers(input, operation.members);
  const makePlan = () => operation.plan(keyring, input, call);
  const plan = makePlan();
  const current = recheck(
    keyring.store.db,
    plan,
    makePlan,
    () => new ServiceError("KMSInternalException", "The key changed", 500),
  );
  let answer: Answer = {};
  return {
    operation: name,
    checks: plan.checks,
    readOnly: operation.readOnly,
    managementEvent: true,
    billed: () => [billedRequest(keyring, name, plan.checks[0]?.resource)],
    requestParameters: plan.parameters,
    // What changes a key answers with its id and state; what uses a key answers with secrets, and is read-only.
    responseElements: () => (operation.readOnly ? undefined : trailForm(answer)),
    run() {
      answer = current().run();
      return { status: 200, headers: { "content-type": CONTENT_TYPE }, body: JSON.stringify(answer) };
    },
  };
}

/** Requests that name an asymmetric key and use it. Source: "AWS KMS pricing", what the free tier leaves out. */
const ASYMMETRIC = new Set(["Sign", "Verify", "GetPublicKey", "Encrypt", "Decrypt"]);
/** Pairs have their own price, by RSA or elliptic curve, and are not in the free tier either; RSA's are not made here. */
const PAIRS = new Set(["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"]);

function billedRequest(
  keyring: ReturnType<typeof openKeyring>,
  operation: string,
  keyArn: string | undefined,
): BilledUse {
  const keyId = keyArn?.split(":key/")[1];
  const key = keyId === undefined ? undefined : keyring.store.key(keyId);
  const isAsymmetric = ASYMMETRIC.has(operation) && key?.spec.startsWith("ECC") === true;
  return {
    sku: isAsymmetric ? "kms-asymmetric-requests" : PAIRS.has(operation) ? "kms-ecc-key-pairs" : "kms-requests",
    resourceId: key === undefined ? null : keyring.arn(key.id),
    detail: null,
    cause: "request",
    units: 1n,
  };
}

/** CloudTrail writes the members of an answer with a small first letter. */
function trailForm(answer: Answer): Answer | undefined {
  const entries = Object.entries(answer).map(([name, value]): readonly [string, unknown] => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return [name.charAt(0).toLowerCase() + name.slice(1), isObject ? trailForm(value as Answer) : value];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function renderError(error: ServiceError): WireResponse {
  const { code, message, status, fields } = error;
  return {
    status,
    headers: { "content-type": CONTENT_TYPE, "x-amzn-errortype": code },
    body: JSON.stringify({ __type: code, ...(message === "" ? {} : { message }), ...fields }),
  };
}

export interface KmsOptions {
  /** Hears of every use of a key that another service makes; `call` is whose request it is, where it is anybody's. */
  readonly onServiceUse?: OnServiceUse;
}

/** Opens the database `kms` of `deps` and gives the service. `close` wipes the unwrapped material. */
export function createKms(deps: ServiceDeps, options: KmsOptions = {}): Kms {
  const keyring = openKeyring(deps);
  return {
    signingName: "kms",
    prepare: (request, call) => prepare(keyring, request, call),
    renderError,
    provisionKey: (definition) => provisionKey(keyring, definition),
    useForService: (service) =>
      serviceUse(keyring, { service, region: deps.region, accountId: deps.accountId, onUse: options.onServiceUse }),
    billedKeys: () =>
      keyring.store
        .keyIds()
        .flatMap((id) => keyring.find(id) ?? [])
        .filter(({ manager, state }) => manager === "CUSTOMER" && state !== "PendingDeletion")
        .map(({ id, createdAtMs }) => ({ arn: keyring.arn(id), createdAtMs, tags: keyring.store.tags(id) })),
    close: () => keyring.store.close(),
  };
}
