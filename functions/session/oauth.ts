import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import serverless from "serverless-http";
import { accountIdOf, SCOPES } from "../../core/identity/authorization-server.ts";
import type { Sessions } from "../../core/identity/session.ts";
import type { SignIn } from "../../core/identity/sign-in.ts";
import type { Answer, Exchange } from "../http/exchange.ts";
import { signInPage, type SignInMessage } from "./sign-in-page.ts";

export interface OauthDeps {
  readonly publicUrl: string;
  readonly provider: Provider;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
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
  response.writeHead(message === undefined ? 200 : 401, page.headers);
  response.end(page.html);
}

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
  const tenant = field("tenant");
  const signedIn = await deps.signIn({
    login: field("login"),
    password: field("password"),
    totp: field("totp").replaceAll(/\s/g, ""),
    ...(tenant === "" ? {} : { tenant }),
  });
  if (!signedIn.ok) return render(response, details.uid, redirectUri, signedIn.error.kind);
  const { userId, tenantId } = signedIn.value;
  const { secret } = await deps.sessions.begin(userId, tenantId, "aal2", "oauth");
  const accountId = accountIdOf(userId, tenantId, secret);
  const grant = new provider.Grant({ accountId, clientId: String(clientId) });
  const asked =
    typeof scope === "string" ? scope.split(" ").filter((name) => SCOPES.some((known) => known === name)) : [];
  if (asked.length > 0) grant.addResourceScope(`${publicUrl}/fhir`, asked.join(" "));
  const result = { login: { accountId, remember: false }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
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
  const serve = serverless((request: IncomingMessage, response: ServerResponse) => {
    // serverless-http calls every request encrypted; what it is, configuration says.
    Object.assign(request.socket, { encrypted: protocol === "https:" });
    if (!exchange.route.startsWith("interaction")) return deps.provider.callback()(request, response);
    return interact(request, response, exchange, deps).catch(() => {
      if (!response.headersSent) response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: "invalid_request" }));
    });
  });
  const result = (await serve({ ...exchange.event, headers }, exchange.context)) as APIGatewayProxyStructuredResultV2;
  const answered = Object.entries(result.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  const body = result.body ?? "";
  return {
    status: result.statusCode ?? 500,
    headers: Object.fromEntries(answered.filter(([name]) => name !== "set-cookie" && name !== "content-length")),
    ...(result.cookies === undefined ? {} : { cookies: result.cookies }),
    body: result.isBase64Encoded === true ? Buffer.from(body, "base64").toString("utf8") : body,
  };
}
