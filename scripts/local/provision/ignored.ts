/** Resource types that the provisioner leaves out, and why each may be left out. Any other unknown type stops the start. */
export const ignored: Readonly<Record<string, string>> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": "the zip of a function: functions are bundled here from the working tree",
  "pulumi:providers:aws": "whose credentials make a resource: the plan says of each which account it is in",
  "random:index/randomBytes:RandomBytes":
    "SST's key for linked values, which no function is given, and the edge's secret, which the plan shows pretended",
  "aws:cloudfront/originAccessControl:OriginAccessControl":
    "the portal's files are read from the disk they are built on",
  "aws:cloudfront/function:Function": "its source is run by scripts/local/edge, which tests/stacks holds the plan to",
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": "the same source says the headers here",
  "aws:wafv2/webAcl:WebAcl": "there are no strangers on the loopback address",
  "aws:cloudwatch/logDelivery:LogDelivery": "requests are in the HTTP API's access log",
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": "requests are in the HTTP API's access log",
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": "requests are in the HTTP API's access log",
  "aws:cloudwatch/metricAlarm:MetricAlarm":
    "there are no CloudWatch metrics here; iterator age and failures are told by the Lambda service",
  "aws:cloudwatch/dashboard:Dashboard": "there are no CloudWatch metrics here",
};
