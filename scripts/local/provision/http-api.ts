import * as z from "zod";
import type { Cors, JwtAuthorizer, Route, Throttle } from "../http-api/index.ts";
import { localOrigin } from "./functions.ts";
import type { Origins } from "./functions.ts";
import { attribute } from "./resources.ts";
import type { Resources } from "./resources.ts";

const api = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  protocolType: z.literal("HTTP"),
  /** The origin is this machine's; there is no other name to turn off. */
  disableExecuteApiEndpoint: z.boolean().optional(),
  corsConfiguration: z
    .strictObject({
      allowOrigins: z.array(z.string()).default([]),
      allowMethods: z.array(z.string()).default([]),
      allowHeaders: z.array(z.string()).default([]),
      exposeHeaders: z.array(z.string()).default([]),
      maxAge: z.int().optional(),
      allowCredentials: z.boolean().default(false),
    })
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const integration = z.strictObject({
  apiId: z.string(),
  integrationType: z.literal("AWS_PROXY"),
  integrationMethod: z.literal("POST").optional(),
  integrationUri: z.string(),
  payloadFormatVersion: z.literal("2.0"),
  timeoutMilliseconds: z.int().optional(),
});

const route = z.strictObject({
  apiId: z.string(),
  routeKey: z.string(),
  target: z.string(),
  authorizationType: z.enum(["NONE", "JWT"]).default("NONE"),
  authorizerId: z.string().optional(),
  authorizationScopes: z.array(z.string()).optional(),
});

const authorizer = z.strictObject({
  apiId: z.string(),
  name: z.string(),
  authorizerType: z.literal("JWT"),
  identitySources: z.tuple([z.literal("$request.header.Authorization")]),
  jwtConfiguration: z.strictObject({ issuer: z.string(), audiences: z.array(z.string()) }),
});

const limits = { throttlingBurstLimit: z.int().optional(), throttlingRateLimit: z.number().optional() };

const stage = z.strictObject({
  apiId: z.string(),
  name: z.literal("$default"),
  autoDeploy: z.literal(true),
  accessLogSettings: z.strictObject({ destinationArn: z.string(), format: z.string() }).optional(),
  defaultRouteSettings: z.strictObject({ ...limits, detailedMetricsEnabled: z.boolean().optional() }).optional(),
  routeSettings: z.array(z.strictObject({ ...limits, routeKey: z.string() })).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const permission = z.strictObject({
  action: z.literal("lambda:InvokeFunction"),
  function: z.string(),
  principal: z.string(),
  sourceArn: z.string().optional(),
  sourceAccount: z.string().optional(),
  statementId: z.string().optional(),
});

/** What the HTTP API of a stage is, without how it invokes. */
export interface HttpApiConfiguration {
  readonly apiId: string;
  readonly routes: readonly Route[];
  readonly authorizers: readonly JwtAuthorizer[];
  readonly throttle?: Throttle;
  readonly cors?: Cors;
  readonly accessLogFormat?: string;
  readonly accessLogGroup?: string;
}

interface Limits {
  readonly throttlingBurstLimit?: number | undefined;
  readonly throttlingRateLimit?: number | undefined;
}

function throttleOf(given: Limits | undefined): { readonly throttle?: Throttle } {
  const { throttlingBurstLimit: burst, throttlingRateLimit: ratePerSecond } = given ?? {};
  return burst === undefined || ratePerSecond === undefined ? {} : { throttle: { burst, ratePerSecond } };
}

/** `*` and `?` as in every ARN pattern. */
function matchesArn(pattern: string, arn: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(arn);
}

/**
 * Reads the plan's HTTP API: at most one.
 * @throws Error for a route without integration or authorizer, and for one whose function does not let API Gateway in:
 * deployed, it would answer 500 to every request.
 */
export function readHttpApi(
  resources: Resources,
  accountId: string,
  origins: Origins,
): HttpApiConfiguration | undefined {
  const apis = resources.take("aws:apigatewayv2/api:Api", api);
  const stages = resources.take("aws:apigatewayv2/stage:Stage", stage);
  const integrations = resources.take("aws:apigatewayv2/integration:Integration", integration);
  const authorizers = resources.take("aws:apigatewayv2/authorizer:Authorizer", authorizer);
  const routes = resources.take("aws:apigatewayv2/route:Route", route);
  const permissions = resources.take("aws:lambda/permission:Permission", permission);
  if (apis.length > 1) throw new Error("the plan holds more than one HTTP API, and this cloud has one origin");
  const [only] = apis;
  if (only === undefined) return undefined;
  const apiId = attribute(only, "id");
  const executionArn = attribute(only, "executionArn");
  const settings = stages[0]?.inputs;

  const maySend = (functionName: string, routeArn: string): boolean =>
    permissions.some(
      ({ inputs }) =>
        inputs.principal === "apigateway.amazonaws.com" &&
        inputs.function.split(":").at(-1) === functionName &&
        (inputs.sourceAccount ?? accountId) === accountId &&
        (inputs.sourceArn === undefined || matchesArn(inputs.sourceArn, routeArn)),
    );

  const read = routes.map(({ inputs }): Route => {
    const target = integrations.find((one) => `integrations/${attribute(one, "id")}` === inputs.target)?.inputs;
    if (target === undefined) throw new Error(`the plan's route ${inputs.routeKey} has no integration`);
    const functionName =
      target.integrationUri
        .replace(/\/invocations$/, "")
        .split(":")
        .at(-1) ?? "";
    const [method = "", path = ""] = inputs.routeKey.split(" ");
    const routeArn = `${executionArn}/$default/${inputs.routeKey === "$default" ? "$default" : `${method === "ANY" ? "*" : method}${path}`}`;
    if (!maySend(functionName, routeArn)) {
      throw new Error(
        `the plan's route ${inputs.routeKey}: ${functionName} does not let apigateway.amazonaws.com invoke it`,
      );
    }
    const guard = authorizers.find((one) => attribute(one, "id") === inputs.authorizerId)?.inputs;
    if ((inputs.authorizationType === "JWT") !== (guard !== undefined)) {
      throw new Error(`the plan's route ${inputs.routeKey} has no such authorizer`);
    }
    return {
      routeKey: inputs.routeKey,
      functionName,
      ...(target.timeoutMilliseconds === undefined ? {} : { timeoutMs: target.timeoutMilliseconds }),
      ...(guard === undefined ? {} : { authorizer: { name: guard.name, scopes: inputs.authorizationScopes ?? [] } }),
      ...throttleOf(settings?.routeSettings?.find((one) => one.routeKey === inputs.routeKey)),
    };
  });

  const cors = only.inputs.corsConfiguration;
  return {
    apiId,
    routes: read,
    authorizers: authorizers.map(({ inputs: { name, jwtConfiguration } }) => ({
      name,
      issuer: localOrigin(jwtConfiguration.issuer, origins),
      audiences: jwtConfiguration.audiences,
    })),
    ...throttleOf(settings?.defaultRouteSettings),
    ...(settings?.accessLogSettings === undefined
      ? {}
      : {
          accessLogFormat: settings.accessLogSettings.format,
          accessLogGroup: settings.accessLogSettings.destinationArn.split(":log-group:")[1] ?? "",
        }),
    ...(cors === undefined
      ? {}
      : {
          cors: {
            allowOrigins: cors.allowOrigins.map((origin) => localOrigin(origin, origins)),
            allowMethods: cors.allowMethods,
            allowHeaders: cors.allowHeaders,
            exposeHeaders: cors.exposeHeaders,
            allowsCredentials: cors.allowCredentials,
            ...(cors.maxAge === undefined ? {} : { maxAgeSeconds: cors.maxAge }),
          },
        }),
  };
}
