import { routeNames, routes, ZONES } from "../../core/contract/index.ts";
import {
  at,
  listAt,
  stageOf,
  textAt,
  type ResourceGuardrail,
  type StackGuardrail,
  type StackResource,
  type Violation,
} from "./guardrail.ts";

const FUNCTION = "aws:lambda/function:Function";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const PERMISSION = "aws:lambda/permission:Permission";
const API = "aws:apigatewayv2/api:Api";
const API_STAGE = "aws:apigatewayv2/stage:Stage";
const ROUTE = "aws:apigatewayv2/route:Route";
const INTEGRATION = "aws:apigatewayv2/integration:Integration";

/** Variables that are named like a secret and are the ARN of a key, which is none. */
const KEY_ARN = /^[A-Z]+(_[A-Z]+)*_(KEY|ROLE)_ARN$/;
const SECRET_NAME =
  /(SECRET|PASSWORD|PASSWD|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|TOKEN$|(^|_)KEY$|PEPPER|SALT|SEED)/;
/** A key in PEM, an AWS access key, a JWT, or 32 and more characters without a word's separators in them. */
const SECRET_VALUE = /-----BEGIN|\b(AKIA|ASIA)[A-Z0-9]{16}\b|^eyJ[\w-]+\.|^[A-Za-z0-9+/_=]{32,}$/;

/** A SHA-256 of what somebody else holds: it opens nothing. */
const isDigest = (name: string, value: unknown): boolean =>
  name.endsWith("_DIGEST") && typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

export const environmentOpen: ResourceGuardrail = {
  name: "environment-open",
  description: "A function's environment holds names and ARNs and no secret: whoever may read its settings reads it.",
  examine({ type, properties }) {
    if (type !== FUNCTION) return [];
    return Object.entries((at(properties, "environment", "variables") ?? {}) as Record<string, unknown>).flatMap(
      ([name, value]) => {
        const looksSecret = !KEY_ARN.test(name) && SECRET_NAME.test(name);
        if (isDigest(name, value)) return [];
        return looksSecret || (typeof value === "string" && SECRET_VALUE.test(value))
          ? [`variable ${name} looks like a secret`]
          : [];
      },
    );
  },
};

export const functionsPrivate: ResourceGuardrail = {
  name: "functions-private",
  description:
    "A function is started by its API, stream or schedule alone: it has no URL, and names the source it serves.",
  examine({ type, properties }) {
    if (type === "aws:lambda/functionUrl:FunctionUrl") return ["the function has a URL of its own"];
    if (type !== PERMISSION) return [];
    const found: string[] = [];
    if (!/^[a-z0-9-]+\.amazonaws\.com$/.test(textAt(properties, "principal")))
      found.push("the caller is no AWS service");
    const source = textAt(properties, "sourceArn");
    if (source === "") found.push("any source of the service may call");
    // The ARN of an API names its account; that of a bucket does not.
    const namesAccount = /:\d{12}:/.test(source) || textAt(properties, "sourceAccount") !== "";
    if (source !== "" && !namesAccount) found.push("any account's source may call");
    return found;
  },
};

export const logsKept: ResourceGuardrail = {
  name: "logs-kept",
  description: "Log groups end some day, and not before a year where PHI is.",
  examine(resource) {
    if (resource.type !== LOG_GROUP) return [];
    const days = Number(resource.properties["retentionInDays"] ?? 0);
    if (days === 0) return ["no retention: the log is kept, and paid for, without end"];
    return stageOf(resource).holdsPhi && days < 365 ? [`the log is kept for ${days} days`] : [];
  },
};

export const functionLogsOwn: StackGuardrail = {
  name: "function-logs-own",
  description: "Every function writes to a log group that the stack makes, for Lambda's own would be kept without end.",
  examineStack(resources) {
    const groups = new Set(resources.filter(({ type }) => type === LOG_GROUP).map((group) => group.properties["name"]));
    return resources
      .filter(({ type, properties }) => type === FUNCTION && !groups.has(at(properties, "loggingConfig", "logGroup")))
      .map(({ urn }) => ({ urn, message: "the function's log group is not of this stack" }));
  },
};

export const streamsLossless: ResourceGuardrail = {
  name: "streams-lossless",
  description: "A stream is read from its beginning; a record that fails is parted from the others, retried and kept.",
  examine({ type, properties }) {
    if (type !== MAPPING || !textAt(properties, "eventSourceArn").includes("/stream/")) return [];
    const found: string[] = [];
    if (properties["startingPosition"] !== "TRIM_HORIZON")
      found.push("records from before the mapping are passed over");
    if (!listAt(properties, "functionResponseTypes").includes("ReportBatchItemFailures")) {
      found.push("one failure repeats its whole batch");
    }
    if (properties["bisectBatchOnFunctionError"] !== true) found.push("a failing batch is not halved");
    if (textAt(properties, "destinationConfig", "onFailure", "destinationArn") === "") {
      found.push("a record that is given up is lost");
    }
    const age = Number(properties["maximumRecordAgeInSeconds"] ?? -1);
    if (age < 3600) found.push(age < 0 ? "a poison record holds its shard" : "records are given up within the hour");
    if (Number(properties["maximumRetryAttempts"] ?? -1) >= 0)
      found.push("records are given up by count and not by age");
    return found;
  },
};

export const routesServed: StackGuardrail = {
  name: "routes-served",
  description: "Each route of the route table, and no other, is answered by the function of its zone.",
  examineStack(resources) {
    const made = resources.filter(({ type }) => type === ROUTE);
    const expected = new Map(
      routeNames.map((name) => [`${routes[name].method} ${routes[name].path}`, routes[name].zone]),
    );
    const found: Violation[] = [];
    for (const route of made) {
      const routeKey = textAt(route.properties, "routeKey");
      const zone = expected.get(routeKey);
      if (zone === undefined) {
        found.push({ urn: route.urn, message: `${routeKey} is not in the route table` });
        continue;
      }
      const target = functionBehind(route, resources);
      if (target === undefined) found.push({ urn: route.urn, message: `${routeKey} has no function` });
      else if (!target.endsWith(`-${zone}`))
        found.push({ urn: route.urn, message: `${routeKey} is not answered by zone ${zone}` });
    }
    const keys = new Set(made.map(({ properties }) => properties["routeKey"]));
    for (const api of resources.filter(({ type }) => type === API)) {
      for (const routeKey of expected.keys()) {
        if (!keys.has(routeKey)) found.push({ urn: api.urn, message: `${routeKey} is not made` });
      }
    }
    return found;
  },
};

/** The name of the zone function that the route's integration names; undefined where one of the steps leads nowhere. */
function functionBehind(route: StackResource, resources: readonly StackResource[]): string | undefined {
  const integrationId = textAt(route.properties, "target").replace(/^integrations\//, "");
  const integration = resources.find(
    ({ type, properties, id }) =>
      type === INTEGRATION && id === integrationId && properties["apiId"] === route.properties["apiId"],
  );
  const uri = textAt(integration?.properties, "integrationUri");
  const lambda = resources.find(
    ({ type, properties }) => type === FUNCTION && uri.endsWith(`:function:${textAt(properties, "name")}`),
  );
  const name = textAt(lambda?.properties, "name");
  return ZONES.some((zone) => name.endsWith(`-${zone}`)) ? name : undefined;
}

export const apiClosed: ResourceGuardrail = {
  name: "api-closed",
  description: "The API answers its own origin, is throttled, and logs a request's route but not its path.",
  examine({ type, properties }) {
    if (type === API) {
      const origins = listAt(properties, "corsConfiguration", "allowOrigins");
      return origins.some((origin) => String(origin).includes("*")) ? ["any origin may call"] : [];
    }
    if (type !== API_STAGE) return [];
    const found: string[] = [];
    if (Number(at(properties, "defaultRouteSettings", "throttlingRateLimit") ?? 0) <= 0)
      found.push("there is no rate limit");
    if (Number(at(properties, "defaultRouteSettings", "throttlingBurstLimit") ?? 0) <= 0)
      found.push("there is no burst limit");
    const format = textAt(properties, "accessLogSettings", "format");
    if (format === "") found.push("there is no access log");
    if (/\$context\.(path|protocol|identity\.(?!sourceIp)|authorizer)/i.test(format))
      found.push("the access log holds ids");
    return found;
  },
};

/** Every kind of resource that a stage may hold. Of these CloudFront and the HTTP API behind it are reached from outside. */
const KINDS: ReadonlySet<string> = new Set([
  API,
  INTEGRATION,
  ROUTE,
  API_STAGE,
  "aws:cloudfront/distribution:Distribution",
  "aws:cloudfront/function:Function",
  "aws:cloudfront/originAccessControl:OriginAccessControl",
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
  "aws:cloudtrail/trail:Trail",
  "aws:cloudwatch/logDelivery:LogDelivery",
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
  "aws:cloudwatch/logDeliverySource:LogDeliverySource",
  LOG_GROUP,
  "aws:dynamodb/resourcePolicy:ResourcePolicy",
  "aws:dynamodb/table:Table",
  "aws:iam/role:Role",
  "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
  "aws:kms/alias:Alias",
  "aws:kms/key:Key",
  MAPPING,
  FUNCTION,
  PERMISSION,
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:scheduler/schedule:Schedule",
  "aws:sqs/queue:Queue",
  "aws:wafv2/webAcl:WebAcl",
]);

export const kindsKnown: ResourceGuardrail = {
  name: "kinds-known",
  description: "INF-3: a kind of resource that nobody has thought about is not deployed; what is public is on a list.",
  examine: ({ type }) => (type.startsWith("aws:") && !KINDS.has(type) ? [`${type} is not on the list of kinds`] : []),
};
