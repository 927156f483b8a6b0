import { HASHED_FOLDER } from "../../core/contract/portal-headers.ts";
import { EDGE_HEADERS } from "../../core/contract/portal-paths.ts";
import {
  at,
  listAt,
  stageOf,
  textAt,
  type ResourceGuardrail,
  type StackGuardrail,
  type StackResource,
} from "./guardrail.ts";

const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
const DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery";
const FIREWALL = "aws:wafv2/webAcl:WebAcl";
const FUNCTION = "aws:lambda/function:Function";
const API = "aws:apigatewayv2/api:Api";

/** Managed-CachingDisabled. */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** CloudFront's policies that take TLS 1.2 and newer with current ciphers. */
const TLS = new Set(["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"]);
const YEAR_S = 31_536_000;

const behaviors = ({ properties }: StackResource): readonly { readonly path: string; readonly behavior: unknown }[] => [
  { path: "*", behavior: at(properties, "defaultCacheBehavior") },
  ...listAt(properties, "orderedCacheBehaviors").map((behavior) => ({
    path: textAt(behavior, "pathPattern"),
    behavior,
  })),
];

export const nothingCached: ResourceGuardrail = {
  name: "nothing-cached",
  description: "AT-46: CloudFront keeps files whose names hold their hash, and no other answer.",
  examine(resource) {
    if (resource.type !== DISTRIBUTION) return [];
    return behaviors(resource).flatMap(({ path, behavior }) => {
      const found: string[] = [];
      const isHashed = path === `${HASHED_FOLDER}*`;
      if (!isHashed && textAt(behavior, "cachePolicyId") !== CACHING_DISABLED) found.push(`${path} is cached`);
      // The older way of saying what is cached: by query, cookie and header.
      if (at(behavior, "forwardedValues") !== undefined) found.push(`${path} has a cache key of its own`);
      return found;
    });
  },
};

export const edgeEncrypted: ResourceGuardrail = {
  name: "edge-encrypted",
  description:
    "Browsers reach CloudFront, and CloudFront the API, over TLS 1.2 and newer; S3 answers its signature alone.",
  examine(resource) {
    if (resource.type !== DISTRIBUTION) return [];
    const { properties } = resource;
    const found: string[] = [];
    const isDefault = at(properties, "viewerCertificate", "cloudfrontDefaultCertificate") === true;
    // With AWS's own certificate AWS says which TLS; such a distribution has no name of ours.
    if (
      isDefault
        ? listAt(properties, "aliases").length > 0
        : !TLS.has(textAt(properties, "viewerCertificate", "minimumProtocolVersion"))
    )
      found.push("a browser may use older TLS than 1.2");
    for (const { path, behavior } of behaviors(resource))
      if (!["redirect-to-https", "https-only"].includes(textAt(behavior, "viewerProtocolPolicy")))
        found.push(`${path} is answered without TLS`);
    for (const origin of listAt(properties, "origins")) {
      const name = textAt(origin, "originId");
      const custom = at(origin, "customOriginConfig");
      if (custom === undefined) {
        if (textAt(origin, "originAccessControlId") === "") found.push(`${name} is read without a signature`);
        continue;
      }
      const isTls = textAt(custom, "originProtocolPolicy") === "https-only";
      if (!isTls || listAt(custom, "originSslProtocols").some((one) => one !== "TLSv1.2"))
        found.push(`${name} is asked over older TLS than 1.2`);
    }
    return found;
  },
};

export const edgeHeaders: ResourceGuardrail = {
  name: "edge-headers",
  description:
    "Every answer of CloudFront carries our headers, and the portal's policy lets no inline code or style in.",
  examine(resource) {
    const { type, properties } = resource;
    if (type === DISTRIBUTION)
      return behaviors(resource)
        .filter(({ behavior }) => textAt(behavior, "responseHeadersPolicyId") === "")
        .map(({ path }) => `${path} is answered without our headers`);
    if (type !== HEADERS) return [];
    const found: string[] = [];
    const security = at(properties, "securityHeadersConfig");
    const maxAge = Number(at(security, "strictTransportSecurity", "accessControlMaxAgeSec") ?? 0);
    if (!(maxAge >= YEAR_S)) found.push("HSTS is shorter than a year");
    if (at(security, "contentTypeOptions") === undefined) found.push("types are sniffed");
    if (textAt(security, "frameOptions", "frameOption") !== "DENY") found.push("pages may be framed");
    const said = textAt(security, "contentSecurityPolicy", "contentSecurityPolicy");
    // A page that runs without an origin may stand in a frame of one other, named whole, and decode pictures.
    const isBoxed = /; sandbox allow-scripts(?: allow-downloads)?;/.test(said);
    const policy = isBoxed
      ? said.replace(/; frame-ancestors https:\/\/[a-z0-9.-]+;/, ";").replace(" 'wasm-unsafe-eval';", ";")
      : said;
    if (/unsafe-|\bdata:|\*|https?:(?!\/\/documents\.)/.test(policy))
      found.push("the policy lets foreign or inline code in");
    if (policy !== "" && !policy.startsWith("default-src 'none';"))
      found.push("the policy allows what it does not name");
    if (at(properties, "corsConfig") !== undefined) found.push("another origin may read answers");
    return found;
  },
};

export const edgeWatched: ResourceGuardrail = {
  name: "edge-watched",
  description:
    "Where PHI is, a firewall stands in front; neither its samples nor the access log hold paths, queries or cookies.",
  examine(resource) {
    const { type, properties } = resource;
    if (type === DISTRIBUTION) {
      const found: string[] = [];
      if (stageOf(resource).holdsPhi && textAt(properties, "webAclId") === "") found.push("there is no firewall");
      // Its fields cannot be chosen: it holds the address and the query of every request.
      if (at(properties, "loggingConfig") !== undefined) found.push("the access log holds ids");
      return found;
    }
    if (type === DELIVERY) {
      const fields = listAt(properties, "recordFields").map(String);
      if (fields.length === 0) return ["the access log's fields are not chosen"];
      return fields.some((field) => /uri|cookie|referer|query|host/i.test(field)) ? ["the access log holds ids"] : [];
    }
    if (type !== FIREWALL) return [];
    const rules = listAt(properties, "rules");
    const found: string[] = [];
    const sampled = [properties, ...rules].some(
      (one) => at(one, "visibilityConfig", "sampledRequestsEnabled") !== false,
    );
    if (sampled) found.push("the firewall keeps samples of requests");
    if (!rules.some((rule) => at(rule, "statement", "rateBasedStatement") !== undefined))
      found.push("one address may ask without limit");
    return found;
  },
};

/** Told what CloudFront shows: the functions that the HTTP API invokes. */
const isZone = ({ type, properties }: StackResource): boolean =>
  type === FUNCTION && "PUBLIC_URL" in ((at(properties, "environment", "variables") ?? {}) as object);

export const apiBehindEdge: StackGuardrail = {
  name: "api-behind-edge",
  description: "The API answers what came through CloudFront, which shows it a secret that no function holds.",
  examineStack(resources) {
    const api = resources.find(({ type }) => type === API);
    if (api === undefined) return [];
    const secrets = resources
      .filter(({ type }) => type === DISTRIBUTION)
      .flatMap(({ properties }) => listAt(properties, "origins"))
      .flatMap((origin) => listAt(origin, "customHeaders"))
      .filter((header) => textAt(header, "name") === EDGE_HEADERS.secret)
      .map((header) => textAt(header, "value"));
    if (secrets.length === 0) return [{ urn: api.urn, message: "CloudFront shows the API no secret" }];
    return resources.filter(isZone).flatMap(({ urn, properties }) => {
      const variables = Object.entries((at(properties, "environment", "variables") ?? {}) as Record<string, unknown>);
      const found: string[] = [];
      if (!variables.some(([name, value]) => name === "EDGE_DIGEST" && value !== undefined))
        found.push("the function answers whoever asks the API itself");
      if (variables.some(([, value]) => secrets.includes(String(value)))) found.push("the function holds the secret");
      return found.map((message) => ({ urn, message }));
    });
  },
};
