import { createHash } from "node:crypto";
import type { PolicyDocument } from "../../../core/iam/document.ts";
import { tableCheck } from "./authorize.ts";
import type { Engine } from "./engine.ts";
import { invalidParameter, notImplemented, validation } from "./errors.ts";
import { readRequiredText, readText } from "./input.ts";
import type { Operation } from "./plan.ts";
import { ServiceError } from "../service.ts";
import { tableOfArn } from "./table-operations.ts";
import type { Table } from "./tables.ts";

/** Source: Developer Guide, "Resource-based policy considerations": 20 KB. */
const MAX_POLICY_BYTES = 20 * 1024;

const policyNotFound = (arn: string): ServiceError =>
  new ServiceError("PolicyNotFoundException", `Resource-based policy not found for the provided ResourceArn: ${arn}`);

/** The table of an ARN; policies on streams are not kept here. */
function tableOfPolicy(engine: Engine, arn: string): Table {
  if (arn.includes("/stream/")) throw notImplemented("A resource policy on a stream");
  return tableOfArn(engine, arn);
}

function parsePolicy(text: string): PolicyDocument {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw validation("Policy exceeds the maximum size of 20 KB");
  let document: unknown;
  try {
    document = JSON.parse(text);
    // What nests too deep to be written again is refused here.
    JSON.stringify(document);
  } catch {
    throw invalidParameter("Resource-based policy is not valid JSON");
  }
  const statements =
    typeof document === "object" && document !== null ? (document as Record<string, unknown>)["Statement"] : undefined;
  if (!Array.isArray(statements) || statements.length === 0) {
    throw invalidParameter("Resource-based policy has no Statement");
  }
  const isComplete = statements.every(
    (statement: unknown) =>
      typeof statement === "object" &&
      statement !== null &&
      "Effect" in statement &&
      ("Principal" in statement || "NotPrincipal" in statement),
  );
  if (!isComplete) throw invalidParameter("Every Statement of a resource-based policy needs an Effect and a Principal");
  return document as PolicyDocument;
}

/** Sets a table's policy and gives its revision. `document` as IAM takes it. */
export function setResourcePolicy(engine: Engine, table: Table, document: PolicyDocument): string {
  const revisionId = createHash("sha256").update(JSON.stringify(document)).digest("hex").slice(0, 32);
  engine.store.transaction(() => engine.tables.save({ ...table, policy: { document, revisionId } }));
  return revisionId;
}

/** Throws PolicyNotFoundException where a policy of another revision than the expected one is in force. */
function checkRevision(table: Table, expected: string | undefined): void {
  if (expected === undefined) return;
  const current = table.policy?.revisionId ?? "NO_POLICY";
  if (current !== expected) throw policyNotFound(table.arn);
}

export const putResourcePolicy: Operation = (engine, input) => {
  const arn = readRequiredText(input, "ResourceArn");
  const document = parsePolicy(readRequiredText(input, "Policy"));
  const expected = readText(input, "ExpectedRevisionId");
  return {
    checks: [tableCheck(engine, "PutResourcePolicy", arn)],
    readOnly: false,
    managementEvent: true,
    parameters: { resourceArn: arn, policy: document },
    run: () => {
      const table = tableOfPolicy(engine, arn);
      checkRevision(table, expected);
      return { RevisionId: setResourcePolicy(engine, table, document) };
    },
  };
};

export const getResourcePolicy: Operation = (engine, input) => {
  const arn = readRequiredText(input, "ResourceArn");
  return {
    checks: [tableCheck(engine, "GetResourcePolicy", arn)],
    readOnly: true,
    managementEvent: true,
    parameters: { resourceArn: arn },
    run: () => {
      const { policy } = tableOfPolicy(engine, arn);
      if (policy === undefined) throw policyNotFound(arn);
      return { Policy: JSON.stringify(policy.document), RevisionId: policy.revisionId };
    },
  };
};

export const deleteResourcePolicy: Operation = (engine, input) => {
  const arn = readRequiredText(input, "ResourceArn");
  const expected = readText(input, "ExpectedRevisionId");
  return {
    checks: [tableCheck(engine, "DeleteResourcePolicy", arn)],
    readOnly: false,
    managementEvent: true,
    parameters: { resourceArn: arn },
    run: () => {
      const table = tableOfPolicy(engine, arn);
      checkRevision(table, expected);
      engine.store.transaction(() => engine.tables.save({ ...table, policy: undefined }));
      return { RevisionId: table.policy?.revisionId };
    },
  };
};
