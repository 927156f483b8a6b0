import type { AccessContext, AccessPrincipal, AccessRequest } from "./request.ts";

export interface AssumeRoleCall {
  readonly principal: AccessPrincipal;
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly sourceIdentity?: string;
  readonly externalId?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /** Global keys (time, source address, principal tags), the same for each of the checks. */
  readonly context: AccessContext;
}

/**
 * The checks that one AssumeRole call must pass, each with the condition keys that AWS supplies for its action:
 * TagSession sees no source identity and SetSourceIdentity no tags, so one statement for all three can never match.
 * Source: Service Authorization Reference, AWS Security Token Service.
 */
export function assumeRoleRequests(call: AssumeRoleCall): readonly AccessRequest[] {
  const tagKeys = Object.keys(call.tags);
  const tagContext: AccessContext = {
    ...Object.fromEntries(Object.entries(call.tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(tagKeys.length > 0 && { "aws:TagKeys": tagKeys }),
    ...(call.transitiveTagKeys.length > 0 && { "sts:TransitiveTagKeys": call.transitiveTagKeys }),
  };
  const identityContext: AccessContext =
    call.sourceIdentity === undefined ? {} : { "sts:SourceIdentity": call.sourceIdentity };
  const check = (action: string, context: AccessContext): AccessRequest => ({
    principal: call.principal,
    action,
    resource: call.roleArn,
    context: { ...call.context, ...context },
  });
  return [
    check("sts:AssumeRole", {
      "sts:RoleSessionName": call.roleSessionName,
      ...(call.externalId !== undefined && { "sts:ExternalId": call.externalId }),
      ...tagContext,
      ...identityContext,
    }),
    ...(tagKeys.length > 0 ? [check("sts:TagSession", tagContext)] : []),
    ...(call.sourceIdentity === undefined ? [] : [check("sts:SetSourceIdentity", identityContext)]),
  ];
}
