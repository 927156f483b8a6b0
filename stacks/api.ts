import { apiLogGroupName } from "../core/iam/index.ts";
import { routeNames, routes, ZONES, type Zone } from "../core/contract/index.ts";
import type { Functions } from "./functions.ts";
import type { Ground } from "./ground.ts";
import { logicalName } from "./logical-name.ts";

/** What the access log says of a request. The route and not the path: a path holds ids. */
const ACCESS_LOG = {
  requestId: "$context.requestId",
  time: "$context.requestTimeEpoch",
  routeKey: "$context.routeKey",
  status: "$context.status",
  responseLength: "$context.responseLength",
  responseLatencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  integrationError: "$context.integrationErrorMessage",
};

/** The HTTP API: one route per row of the route table, and one integration per trust zone. Nothing else is answered. */
export function api(ground: Ground, functions: Functions): aws.apigatewayv2.Api {
  const { site, settings } = ground;
  const name = `keyward-${site.stage}`;
  const gateway = new aws.apigatewayv2.Api("Api", {
    name,
    protocolType: "HTTP",
    description: "Keyward's HTTP API",
  });
  const logs = new aws.cloudwatch.LogGroup(
    "ApiLogGroup",
    { name: apiLogGroupName(site), retentionInDays: settings.logRetentionDays },
    { retainOnDelete: settings.holdsPhi },
  );
  new aws.apigatewayv2.Stage("ApiStage", {
    apiId: gateway.id,
    name: "$default",
    autoDeploy: true,
    accessLogSettings: { destinationArn: logs.arn, format: JSON.stringify(ACCESS_LOG) },
    defaultRouteSettings: {
      throttlingRateLimit: settings.throttle.ratePerSecond,
      throttlingBurstLimit: settings.throttle.burst,
    },
  });
  const integrations = {} as Record<Zone, aws.apigatewayv2.Integration>;
  for (const zone of ZONES) {
    integrations[zone] = new aws.apigatewayv2.Integration(logicalName("Integration", zone), {
      apiId: gateway.id,
      integrationType: "AWS_PROXY",
      integrationMethod: "POST",
      integrationUri: functions[zone].arn,
      payloadFormatVersion: "2.0",
      timeoutMilliseconds: 30_000,
    });
    new aws.lambda.Permission(logicalName("ApiInvokes", zone), {
      statementId: "http-api",
      action: "lambda:InvokeFunction",
      function: functions[zone].name,
      principal: "apigateway.amazonaws.com",
      sourceArn: $interpolate`${gateway.executionArn}/*`,
    });
  }
  for (const routeName of routeNames) {
    const { method, path, zone } = routes[routeName];
    new aws.apigatewayv2.Route(`Route${routeName.charAt(0).toUpperCase()}${routeName.slice(1)}`, {
      apiId: gateway.id,
      routeKey: `${method} ${path}`,
      // Each zone checks sessions and tokens itself: a gateway's cached answer would be beaten by no revocation.
      authorizationType: "NONE",
      target: $interpolate`integrations/${integrations[zone].id}`,
    });
  }
  return gateway;
}
