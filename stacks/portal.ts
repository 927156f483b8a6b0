import { edgeLogGroupName, portalBucketName, portalBucketPolicy } from "../core/iam/index.ts";
import { PORTAL_CACHING, commonHeaders, portalHeaders, viewerHeaders } from "../core/contract/portal-headers.ts";
import { DOCUMENTS_FOLDER, EDGE_HEADERS, VIEWER_REQUEST } from "../core/contract/portal-paths.ts";
import { encryptByS3, privateBucket } from "./bucket.ts";
import type { Edge } from "./edge.ts";
import { firewall } from "./firewall.ts";
import type { Ground } from "./ground.ts";
import { documentsOrigin } from "./settings.ts";

/** CloudFront's own policies, by the ids that AWS publishes. CloudFront Developer Guide, "Use managed cache policies". */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** By path alone, gzip and Brotli apart: no query, no cookie, no header is part of a key. */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
/** Everything that the viewer sent but its Host, which is not the API's. */
const ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

const READS = ["GET", "HEAD"];
const ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"];

/** What the access log says of a request: no path, no query, no cookie, no referrer. A path holds ids. */
const LOG_FIELDS = [
  "timestamp(ms)",
  "x-edge-location",
  "x-edge-request-id",
  "c-ip",
  "cs-method",
  "sc-status",
  "sc-bytes",
  "time-taken",
  "cache-behavior-path-pattern",
  "x-edge-result-type",
  "cs-protocol",
  "ssl-protocol",
];

export interface PortalStack {
  readonly distribution: aws.cloudfront.Distribution;
  readonly bucket: aws.s3.Bucket;
}

/** The stage's public face: the portal's files from S3 and the API behind one name, with one set of headers. */
export function portal(ground: Ground, gateway: aws.apigatewayv2.Api, edge: Edge): PortalStack {
  const { site, settings, publicUrl, certificateArn } = ground;
  const name = `keyward-${site.stage}`;
  const bucket = privateBucket("Portal", portalBucketName(site), { objectLock: false, settings });
  encryptByS3("Portal", bucket);
  const access = new aws.cloudfront.OriginAccessControl("PortalAccess", {
    name: `${name}-portal`,
    originAccessControlOriginType: "s3",
    signingBehavior: "always",
    signingProtocol: "sigv4",
  });
  const viewerRequest = new aws.cloudfront.Function("PortalViewerRequest", {
    name: `${name}-viewer-request`,
    runtime: "cloudfront-js-2.0",
    publish: true,
    code: VIEWER_REQUEST,
  });
  const documents = documentsOrigin(publicUrl);
  const pages = headersPolicy("PortalPageHeaders", `${name}-page`, portalHeaders(documents, "other"), true);
  const hashed = headersPolicy("PortalAssetHeaders", `${name}-asset`, portalHeaders(documents, "hashed"), true);
  const viewer = headersPolicy("ViewerHeaders", `${name}-viewer`, viewerHeaders(publicUrl, documents), true);
  // The functions say their own; these are for answers that API Gateway gives without asking one.
  const answers = { ...commonHeaders, "cache-control": PORTAL_CACHING.other };
  const api = headersPolicy("ApiHeaders", `${name}-api`, answers, false);

  const common = {
    viewerProtocolPolicy: "redirect-to-https",
    compress: true,
    functionAssociations: [{ eventType: "viewer-request", functionArn: viewerRequest.arn }],
  };
  const files = { ...common, targetOriginId: "portal", allowedMethods: READS, cachedMethods: READS };
  const distribution = new aws.cloudfront.Distribution(
    "Portal",
    {
      enabled: true,
      comment: name,
      httpVersion: "http2and3",
      isIpv6Enabled: true,
      priceClass: "PriceClass_100",
      ...(certificateArn === undefined
        ? {}
        : { aliases: [publicUrl, documents].map((origin) => new URL(origin).hostname) }),
      viewerCertificate:
        certificateArn === undefined
          ? { cloudfrontDefaultCertificate: true, minimumProtocolVersion: "TLSv1" }
          : { acmCertificateArn: certificateArn, sslSupportMethod: "sni-only", minimumProtocolVersion: "TLSv1.2_2021" },
      origins: [
        { originId: "portal", domainName: bucket.bucketRegionalDomainName, originAccessControlId: access.id },
        {
          originId: "api",
          domainName: gateway.apiEndpoint.apply((endpoint) => new URL(endpoint).hostname),
          customHeaders: [{ name: EDGE_HEADERS.secret, value: edge.secret }],
          customOriginConfig: {
            httpPort: 80,
            httpsPort: 443,
            originProtocolPolicy: "https-only",
            originSslProtocols: ["TLSv1.2"],
            originReadTimeout: 30,
          },
        },
      ],
      defaultCacheBehavior: {
        ...common,
        targetOriginId: "api",
        allowedMethods: ALL_METHODS,
        cachedMethods: READS,
        cachePolicyId: CACHING_DISABLED,
        originRequestPolicyId: ALL_BUT_HOST,
        responseHeadersPolicyId: api.id,
      },
      orderedCacheBehaviors: [
        {
          ...files,
          pathPattern: "/app/assets/*",
          cachePolicyId: CACHING_OPTIMIZED,
          responseHeadersPolicyId: hashed.id,
        },
        {
          ...files,
          pathPattern: `${DOCUMENTS_FOLDER}*`,
          cachePolicyId: CACHING_DISABLED,
          responseHeadersPolicyId: viewer.id,
        },
        { ...files, pathPattern: "/app/*", cachePolicyId: CACHING_DISABLED, responseHeadersPolicyId: pages.id },
      ],
      restrictions: { geoRestriction: { restrictionType: "none" } },
      ...(settings.firewall === undefined ? {} : { webAclId: firewall(name, settings.firewall).arn }),
      waitForDeployment: true,
    },
    { protect: settings.holdsPhi },
  );
  new aws.s3.BucketPolicy("PortalPolicy", {
    bucket: bucket.bucket,
    policy: distribution.arn.apply((arn) => JSON.stringify(portalBucketPolicy(site, arn))),
  });
  accessLog(ground, distribution);
  return { distribution, bucket };
}

const HSTS = /^max-age=(\d+); includeSubDomains; preload$/;

/**
 * Headers as CloudFront takes them: some have a place of their own, the rest are custom ones.
 * @param isOver False lets the origin's own header stand.
 */
function headersPolicy(
  logicalName: string,
  name: string,
  headers: Readonly<Record<string, string>>,
  isOver: boolean,
): aws.cloudfront.ResponseHeadersPolicy {
  const {
    "strict-transport-security": hsts = "",
    "x-content-type-options": _nosniff,
    "x-frame-options": frame = "DENY",
    "referrer-policy": referrer = "no-referrer",
    "content-security-policy": policy,
    ...others
  } = headers;
  const override = isOver;
  return new aws.cloudfront.ResponseHeadersPolicy(logicalName, {
    name,
    securityHeadersConfig: {
      strictTransportSecurity: {
        accessControlMaxAgeSec: Number(HSTS.exec(hsts)?.[1]),
        includeSubdomains: true,
        preload: true,
        override,
      },
      contentTypeOptions: { override },
      frameOptions: { frameOption: frame, override },
      referrerPolicy: { referrerPolicy: referrer, override },
      ...(policy === undefined ? {} : { contentSecurityPolicy: { contentSecurityPolicy: policy, override } }),
    },
    customHeadersConfig: {
      items: Object.entries(others).map(([header, value]) => ({ header, value, override })),
    },
  });
}

/** CloudFront's log through CloudWatch, which lets fields be chosen. Only in us-east-1, where every stage stands. */
function accessLog({ site, settings }: Ground, distribution: aws.cloudfront.Distribution): void {
  const name = `keyward-${site.stage}-edge`;
  const group = new aws.cloudwatch.LogGroup(
    "EdgeLogGroup",
    { name: edgeLogGroupName(site), retentionInDays: settings.logRetentionDays },
    { retainOnDelete: settings.holdsPhi },
  );
  const source = new aws.cloudwatch.LogDeliverySource("EdgeLogSource", {
    name,
    logType: "ACCESS_LOGS",
    resourceArn: distribution.arn,
  });
  const destination = new aws.cloudwatch.LogDeliveryDestination("EdgeLogDestination", {
    name,
    outputFormat: "json",
    deliveryDestinationConfiguration: { destinationResourceArn: group.arn },
  });
  new aws.cloudwatch.LogDelivery("EdgeLogDelivery", {
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.arn,
    recordFields: LOG_FIELDS,
  });
}
