import { policy } from "./clauses.ts";
import type { PolicyDocument } from "./document.ts";
import { bucketArn, portalBucketName, type Site } from "./names.ts";

/**
 * The portal's files: read by the stage's own distribution and by nobody else from outside. Source: CloudFront Developer
 * Guide, "Restrict access to an Amazon S3 origin". It may not list: what a browser is not told of, it does not find.
 * @param distributionArn Known once the distribution is made.
 */
export function portalBucketPolicy(site: Site, distributionArn: string): PolicyDocument {
  const bucket = bucketArn(portalBucketName(site));
  return policy(
    {
      Sid: "DistributionReads",
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: `${bucket}/app/*`,
      Condition: { StringEquals: { "aws:SourceArn": distributionArn } },
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucket, `${bucket}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  );
}
