import {
  type PolicyDocument,
  archiveArn,
  bucketArn,
  cloudTrailBucketName,
  tableArn,
  type Site,
} from "../core/iam/index.ts";
import { encryptByS3, lockByDefault, privateBucket } from "./bucket.ts";
import type { Ground } from "./ground.ts";

/**
 * CloudTrail: every management call of the account, uses of KMS keys and role sessions among them, and every object of
 * the archive, in files that are chained by digests and locked like the archive. Where the stage says so, every call on a
 * chart's items too, with its keys and without its content: the record that the reconciler holds the audit log against.
 */
export function trail({ site, settings }: Ground): void {
  const name = `keyward-${site.stage}`;
  const physicalName = cloudTrailBucketName(site);
  const bucket = privateBucket("Trail", physicalName, { objectLock: true, settings });
  const lock = lockByDefault("Trail", bucket, settings);
  encryptByS3("Trail", bucket);
  const policy = new aws.s3.BucketPolicy("TrailPolicy", {
    bucket: bucket.bucket,
    policy: JSON.stringify(delivery(site, bucketArn(physicalName), name)),
  });
  new aws.cloudtrail.Trail(
    "Trail",
    {
      name,
      s3BucketName: bucket.bucket,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      advancedEventSelectors: [
        {
          name: "Management calls",
          fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }],
        },
        {
          name: "Objects of the archive",
          fieldSelectors: [
            { field: "eventCategory", equals: ["Data"] },
            { field: "resources.type", equals: ["AWS::S3::Object"] },
            { field: "resources.ARN", startsWiths: [`${archiveArn(site)}/`] },
          ],
        },
        ...(settings.itemTrail
          ? [
              {
                name: "Items of the charts",
                fieldSelectors: [
                  { field: "eventCategory", equals: ["Data"] },
                  { field: "resources.type", equals: ["AWS::DynamoDB::Table"] },
                  { field: "resources.ARN", equals: [tableArn(site, "data")] },
                ],
              },
            ]
          : []),
      ],
    },
    { dependsOn: [policy, lock], protect: settings.holdsPhi },
  );
}

/** What CloudTrail asks of its bucket, for this trail alone. Source: CloudTrail User Guide, "Amazon S3 bucket policy". */
function delivery(site: Site, bucket: string, trailName: string): PolicyDocument {
  const fromTrail = { "aws:SourceArn": `arn:aws:cloudtrail:${site.region}:${site.accountId}:trail/${trailName}` };
  const Principal = { Service: "cloudtrail.amazonaws.com" };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TrailLooks",
        Effect: "Allow",
        Principal,
        Action: "s3:GetBucketAcl",
        Resource: bucket,
        Condition: { StringEquals: fromTrail },
      },
      {
        Sid: "TrailDelivers",
        Effect: "Allow",
        Principal,
        Action: "s3:PutObject",
        Resource: `${bucket}/AWSLogs/${site.accountId}/*`,
        Condition: { StringEquals: { ...fromTrail, "s3:x-amz-acl": "bucket-owner-full-control" } },
      },
      {
        Sid: "NoDelete",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:PutLifecycleConfiguration"],
        Resource: [bucket, `${bucket}/*`],
      },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucket, `${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
