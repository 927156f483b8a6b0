import type { Iam } from "../iam/index.ts";
import { ServiceError, type Call, type Prepared, type Service } from "../service.ts";
import { prepareAssumeRole } from "./assume-role.ts";
import { parseParameters, queryError, queryResponse } from "./query-protocol.ts";

export { packedPolicyPercent } from "./assume-role-input.ts";

const VERSION = "2011-06-15";

/** STS: AssumeRole and GetCallerIdentity in the query protocol. */
export function createSts(iam: Iam): Service {
  return {
    signingName: "sts",
    prepare(request, call): Prepared {
      const parameters = parseParameters(request);
      const operation = parameters.get("Action") ?? "";
      if (parameters.get("Version") !== VERSION) {
        throw new ServiceError("InvalidAction", "Could not find the operation for this version", 400);
      }
      const caller = iam.identify(call.caller.accessKeyId);
      if (caller === undefined)
        throw new ServiceError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
      switch (operation) {
        case "AssumeRole":
          return prepareAssumeRole(iam, caller, parameters, call);
        case "GetCallerIdentity":
          return prepareGetCallerIdentity(call, caller.principalId);
        default:
          throw new ServiceError("NotImplemented", "This operation is not part of the embedded AWS", 501);
      }
    },
    renderError: (error, call) => queryError(error, call.requestId),
  };
}

/** Needs no permission, and no policy can deny it. Source: STS API Reference, GetCallerIdentity. */
const prepareGetCallerIdentity = (call: Call, userId: string): Prepared => ({
  operation: "GetCallerIdentity",
  checks: [],
  readOnly: true,
  managementEvent: true,
  requestParameters: {},
  run: () =>
    queryResponse(
      "GetCallerIdentity",
      { Arn: call.caller.arn, UserId: userId, Account: call.caller.accountId },
      call.requestId,
    ),
});
