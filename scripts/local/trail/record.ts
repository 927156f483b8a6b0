import { randomUUID } from "node:crypto";
import type { Identity, ServiceSessionEvent } from "../iam/index.ts";

/** One call as the front door saw it, allowed or not. */
export interface CallFacts {
  readonly identity: Identity;
  /** `dynamodb`: the signing name. */
  readonly service: string;
  readonly operation: string;
  readonly requestId: string;
  readonly atMs: number;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly isReadOnly: boolean;
  readonly isManagementEvent: boolean;
  readonly requestParameters: Readonly<Record<string, unknown>>;
  readonly responseElements?: Readonly<Record<string, unknown>>;
  /** ARNs that the call was authorized on. */
  readonly resources: readonly string[];
  /** In whose account the call is recorded: the owner's of what it is about. AWS tells the caller's account too. */
  readonly recipientAccountId: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A CloudTrail record. Source: CloudTrail User Guide, "CloudTrail record contents", eventVersion 1.11. */
export interface CloudTrailRecord {
  readonly eventVersion: "1.11";
  readonly userIdentity: Readonly<Record<string, unknown>>;
  /** UTC, whole seconds. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: Readonly<Record<string, unknown>> | null;
  readonly responseElements: Readonly<Record<string, unknown>> | null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly { readonly accountId: string; readonly type?: string; readonly ARN: string }[];
  readonly eventType: "AwsApiCall";
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly eventCategory: "Management" | "Data";
}

export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** The user agent is the caller's to choose: cut, and free of control characters. */
const cleanText = (text: string, length: number): string => text.slice(0, length).replace(/\p{Cc}/gu, " ");

export const toEventTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export function callRecord(facts: CallFacts, place: Place): CloudTrailRecord {
  return {
    eventVersion: "1.11",
    userIdentity: userIdentity(facts.identity),
    eventTime: toEventTime(facts.atMs),
    eventSource: `${facts.service}.amazonaws.com`,
    eventName: facts.operation,
    awsRegion: place.region,
    sourceIPAddress: facts.sourceIp,
    userAgent: cleanText(facts.userAgent, 256),
    ...(facts.error === undefined
      ? {}
      : { errorCode: facts.error.code, errorMessage: cleanText(facts.error.message, 1024) }),
    requestParameters: facts.requestParameters,
    responseElements: facts.responseElements ?? null,
    requestID: facts.requestId,
    eventID: randomUUID(),
    readOnly: facts.isReadOnly,
    ...resourceList(facts.resources, facts.recipientAccountId),
    eventType: "AwsApiCall",
    managementEvent: facts.isManagementEvent,
    recipientAccountId: facts.recipientAccountId,
    eventCategory: facts.isManagementEvent ? "Management" : "Data",
  };
}

/** A service that assumed a role for itself: the record that AWS writes for Lambda's execution role. */
export function serviceSessionRecord(event: ServiceSessionEvent, atMs: number, place: Place): CloudTrailRecord {
  const { role } = event;
  const sessionArn = `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${event.sessionName}`;
  return {
    eventVersion: "1.11",
    userIdentity: { type: "AWSService", invokedBy: event.servicePrincipal },
    eventTime: toEventTime(atMs),
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    awsRegion: place.region,
    sourceIPAddress: event.servicePrincipal,
    userAgent: event.servicePrincipal,
    ...(event.isDenied
      ? { errorCode: "AccessDenied", errorMessage: "The trust policy does not allow this service" }
      : {}),
    requestParameters: {
      roleArn: role.arn,
      roleSessionName: event.sessionName,
      durationSeconds: event.durationSeconds,
    },
    responseElements: event.isDenied
      ? null
      : {
          credentials: { accessKeyId: event.accessKeyId },
          assumedRoleUser: { assumedRoleId: `${role.roleId}:${event.sessionName}`, arn: sessionArn },
        },
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: true,
    ...resourceList([role.arn], role.accountId),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: role.accountId,
    eventCategory: "Management",
  };
}

function userIdentity(identity: Identity): Readonly<Record<string, unknown>> {
  const { caller, session } = identity;
  const common = {
    type: caller.type,
    principalId: identity.principalId,
    arn: caller.arn,
    accountId: caller.accountId,
    accessKeyId: caller.accessKeyId,
  };
  if (session === undefined)
    return identity.userName === undefined ? common : { ...common, userName: identity.userName };
  return {
    ...common,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: session.roleId,
        arn: session.role.arn,
        accountId: caller.accountId,
        userName: session.roleName,
      },
      attributes: { creationDate: toEventTime(session.issuedAtMs), mfaAuthenticated: "false" },
      ...(session.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
    },
  };
}

const RESOURCE_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^arn:aws:kms:.*:key\//, "AWS::KMS::Key"],
  [/^arn:aws:dynamodb:.*:table\/[^/]+/, "AWS::DynamoDB::Table"],
  [/^arn:aws:s3:::[^/]+\//, "AWS::S3::Object"],
  [/^arn:aws:s3:::[^/]+$/, "AWS::S3::Bucket"],
  [/^arn:aws:iam::.*:role\//, "AWS::IAM::Role"],
  [/^arn:aws:sqs:/, "AWS::SQS::Queue"],
];

function resourceList(arns: readonly string[], accountId: string): Pick<CloudTrailRecord, "resources"> {
  // A call on an index is recorded as one on its table.
  const tables = arns.map((arn) => arn.replace(/(:table\/[^/]+)\/index\/.*$/, "$1"));
  const distinct = [...new Set(tables)].filter((arn) => arn.startsWith("arn:"));
  if (distinct.length === 0) return {};
  return {
    resources: distinct.map((ARN) => {
      const type = RESOURCE_TYPES.find(([pattern]) => pattern.test(ARN))?.[1];
      return { accountId, ...(type === undefined ? {} : { type }), ARN };
    }),
  };
}
