import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, type default as Provider } from "oidc-provider";
import serverless from "serverless-http";
import { StandingPurpose } from "../../core/contract/index.ts";
import { accountIdOf, SCOPES } from "../../core/identity/authorization-server.ts";
import { deviceOf } from "../../core/identity/device.ts";
import { isId } from "../../core/kernel/ids.ts";
import { type ClientRow, findClient, scopesOf } from "../../core/tenant/index.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { originOf } from "../http/origin.ts";
import type { BeginSession } from "./begin-session.ts";
import { type ClientGrantDeps, tellClientGrant } from "./client-grant.ts";
import { signInPage, type SignInMessage } from "./sign-in-page.ts";

export interface OauthDeps extends ClientGrantDeps {
  readonly publicUrl: string;
  readonly provider: Provider;
  readonly beginSession: BeginSession;
}

const FORM_FIELD_MAX = 256;

const redirectOrigin = (uri: unknown): string => {
  try {
    return new URL(typeof uri === "string" ? uri : "").origin;
  } catch {
    return "";
  }
};

function render(response: ServerResponse, uid: string, redirectUri: unknown, message?: SignInMessage): void {
  const page = signInPage(uid, redirectOrigin(redirectUri), message);
  const status = message === "unavailable" ? 503 : 401;
  response.writeHead(message === undefined ? 200 : status, page.headers);
  response.end(page.html);
}

const grantable = (app: ClientRow | undefined): readonly string[] => (app === undefined ? SCOPES : scopesOf(app));

/** The sign-in page of a code flow: shows the form, checks both factors, and hands the account to the provider. */
async function interact(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  deps: OauthDeps,
): Promise<void> {
  const { provider, publicUrl } = deps;
  const details = await provider.interactionDetails(request, response);
  const { client_id: clientId, redirect_uri: redirectUri, scope } = details.params;
  if (exchange.route === "interaction") return render(response, details.uid, redirectUri);
  const form = new URLSearchParams(exchange.rawBody);
  const field = (name: string): string => (form.get(name) ?? "").slice(0, FORM_FIELD_MAX);
  // An app that a clinic registered signs people in to that clinic, and to no other.
  const app = isId(String(clientId)) ? await findClient(deps.registry, String(clientId)) : undefined;
  const tenant = app?.tenantId ?? field("tenant");
  const purpose = StandingPurpose.safeParse(field("purpose"));
  const begun = await deps.beginSession(
    {
      login: field("login"),
      password: field("password"),
      totp: field("totp").replaceAll(/\s/g, ""),
      ...(tenant === "" ? {} : { tenant }),
      ...(purpose.success ? { purpose: purpose.data } : {}),
    },
    { kind: "oauth", clientId: String(clientId) },
    originOf(exchange.event),
    { device: deviceOf(exchange.userAgent) },
  );
  if (!begun.ok) return render(response, details.uid, redirectUri, begun.error.kind);
  const { userId, tenantId, secret } = begun.value;
  const accountId = accountIdOf(userId, tenantId, secret);
  const grant = new provider.Grant({ accountId, clientId: String(clientId) });
  const asked =
    typeof scope === "string" ? scope.split(" ").filter((name) => grantable(app).some((known) => known === name)) : [];
  if (asked.length > 0) grant.addResourceScope(`${publicUrl}/fhir`, asked.join(" "));
  const result = { login: { accountId, remember: false }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** RFC 6749 5.2: `error` is all that is required. Descriptions and the members beside them quote the request. */
function codeOnly(body: string): string {
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown };
    return typeof error === "string" ? JSON.stringify({ error }) : body;
  } catch {
    // The sign-in page, which holds nothing that was sent.
    return body;
  }
}

/** Hands an exchange to the authorization server, which speaks Node's HTTP, and takes its answer back. */
export async function serveOauth(exchange: Exchange, deps: OauthDeps): Promise<Answer> {
  const { host, protocol } = new URL(deps.publicUrl);
  // The issuer is configuration: no Host or X-Forwarded header of a caller reaches the provider.
  const kept = Object.entries(exchange.headers).filter(
    ([name]) => !name.startsWith("x-forwarded-") && name !== "forwarded",
  );
  const headers = {
    ...Object.fromEntries(kept),
    host,
    "x-forwarded-host": host,
    "x-forwarded-proto": protocol.replace(":", ""),
  };
  let fault: { readonly error: unknown } | undefined;
  const serve = serverless((request: IncomingMessage, response: ServerResponse) => {
    // serverless-http calls every request encrypted; what it is, configuration says.
    Object.assign(request.socket, { encrypted: protocol === "https:" });
    if (!exchange.route.startsWith("interaction")) return deps.provider.callback()(request, response);
    return interact(request, response, exchange, deps).catch((error: unknown) => {
      // What the protocol refuses is the caller's; anything else is ours, and the stack answers and logs it.
      if (!(error instanceof errors.OIDCProviderError)) fault = { error };
      else if (!response.headersSent) response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: "invalid_request" }));
    });
  });
  const result = (await serve({ ...exchange.event, headers }, exchange.context)) as APIGatewayProxyStructuredResultV2;
  if (fault !== undefined) throw (fault as { readonly error: unknown }).error;
  const answered = Object.entries(result.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  const status = result.statusCode ?? 500;
  const text = result.body ?? "";
  const body = result.isBase64Encoded === true ? Buffer.from(text, "base64").toString("utf8") : text;
  const answer = {
    status,
    headers: Object.fromEntries(answered.filter(([name]) => name !== "set-cookie" && name !== "content-length")),
    ...(result.cookies === undefined ? {} : { cookies: result.cookies }),
    body: status < 400 ? body : codeOnly(body),
  };
  return tellClientGrant(exchange, answer, deps);
}
