/** Resource types that the provisioner leaves out, and why each may be left out. Any other unknown type stops the start. */
export const ignored: Readonly<Record<string, string>> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": "the zip of a function: functions are bundled here from the working tree",
  "pulumi:providers:aws": "whose credentials make a resource: the plan says of each which account it is in",
  "random:index/randomBytes:RandomBytes": "SST's key for linked values: nothing is linked, and no function is given it",
  "aws:cloudwatch/metricAlarm:MetricAlarm":
    "there are no CloudWatch metrics here; iterator age and failures are told by the Lambda service",
  "aws:cloudwatch/dashboard:Dashboard": "there are no CloudWatch metrics here",
};
