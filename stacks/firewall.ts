/** By name: AWS's own lists that look at addresses and at what no browser sends. */
const MANAGED = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"];

/** Samples would keep whole requests, cookies and paths among them, where nobody audits who reads them. */
const watched = (metricName: string) => ({ metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: false });

/**
 * AWS WAF before the distribution: known attackers, known exploits, and how much one address may ask. Nothing that reads
 * prose: rules against "SQL" and "scripts" in a body would refuse a clinician's note.
 */
export function firewall(
  name: string,
  { requestsPerAddress }: { readonly requestsPerAddress: number },
): aws.wafv2.WebAcl {
  return new aws.wafv2.WebAcl("PortalFirewall", {
    name,
    scope: "CLOUDFRONT",
    defaultAction: { allow: {} },
    rules: [
      ...MANAGED.map((rule, index) => ({
        name: rule,
        priority: index,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: "AWS", name: rule } },
        visibilityConfig: watched(rule),
      })),
      {
        name: "RequestsPerAddress",
        priority: MANAGED.length,
        action: { block: {} },
        statement: { rateBasedStatement: { limit: requestsPerAddress, aggregateKeyType: "IP" } },
        visibilityConfig: watched("RequestsPerAddress"),
      },
    ],
    visibilityConfig: watched(name),
  });
}
