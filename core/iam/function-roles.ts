import { policy } from "./clauses.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  auditAppendRoleArn,
  auditReadRoleArn,
  booksRoleArn,
  controlPlaneRoleArn,
  functionArn,
  identityRoleArn,
  logGroupArn,
  peopleNamesRoleArn,
  registryPeopleRoleArn,
  registryPrivacyRoleArn,
  registryReadRoleArn,
  SCHEDULED_FUNCTIONS,
  statementReadRoleArn,
  tenantExportRoleArn,
  tenantRoleArn,
  type FunctionName,
  type KeyArns,
  type WitnessedSite,
} from "./names.ts";
import { closeStatements, meterStatements } from "./cost-roles.ts";
import { exportStatements, reconcileStatements, sealStatements, witnessStatements } from "./schedule-roles.ts";
import { archiveStatements, crossCheckStatements, indexStatements } from "./stream-roles.ts";

const serviceTrust = (service: string, condition: Pick<Statement, "Condition"> = {}): PolicyDocument =>
  policy({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...condition });

/** Execution roles are assumed by Lambda and by nobody else. */
export const functionTrust = (): PolicyDocument => serviceTrust("lambda.amazonaws.com");

/** The schedule's role; the account condition keeps another account's schedule from using it (confused deputy). */
export const schedulerTrust = (site: WitnessedSite): PolicyDocument =>
  serviceTrust("scheduler.amazonaws.com", { Condition: { StringEquals: { "aws:SourceAccount": site.accountId } } });

/** EventBridge Scheduler may start the functions that run by the minute in the cell's account. */
export const schedulerPolicy = (site: WitnessedSite): PolicyDocument =>
  policy({
    Sid: "StartByTheMinute",
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: SCHEDULED_FUNCTIONS.filter((name) => name !== "witness").map((name) => functionArn(site, name)),
  });

/** The same in the witness's account, for the witness alone. */
export const witnessSchedulerTrust = (site: WitnessedSite): PolicyDocument =>
  schedulerTrust({ ...site, accountId: site.witnessAccountId });
export const witnessSchedulerPolicy = (site: WitnessedSite): PolicyDocument =>
  policy({
    Sid: "StartWitness",
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: functionArn(site, "witness"),
  });

const ownLog = (site: WitnessedSite, name: FunctionName): Statement => ({
  Sid: "OwnLog",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: `${logGroupArn(site, name)}:*`,
});

/** Zones hold no data right at all: whatever their code does, only a role that it assumes can reach a table. */
const NO_DATA: Statement = {
  Sid: "DenyData",
  Effect: "Deny",
  Action: ["dynamodb:*", "s3:*", "kms:*", "sqs:*", "iam:*"],
  Resource: "*",
};

const assume = (...roles: readonly string[]): Statement => ({
  Sid: "AssumeRoles",
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Resource: roles,
});

/** A session of such a role is tagged with its tenant and carries whose work it is. */
const nameSessions = (...roles: readonly string[]): Statement => ({
  Sid: "NameTheSession",
  Effect: "Allow",
  Action: ["sts:TagSession", "sts:SetSourceIdentity"],
  Resource: roles,
});

/** The role policy of a function. Zones may only assume their roles; stream and schedule functions hold the least they need. */
export function functionPolicy(site: WitnessedSite, keys: KeyArns, name: FunctionName): PolicyDocument {
  const log = ownLog(site, name);
  switch (name) {
    case "public":
      return policy(log, NO_DATA);
    case "session": {
      const tagged = [peopleNamesRoleArn(site), auditAppendRoleArn(site)];
      return policy(log, assume(...tagged, identityRoleArn(site)), nameSessions(...tagged), NO_DATA);
    }
    case "admin": {
      const tagged = [
        registryPeopleRoleArn(site),
        statementReadRoleArn(site),
        peopleNamesRoleArn(site),
        auditAppendRoleArn(site),
      ];
      return policy(log, assume(...tagged, registryReadRoleArn(site)), nameSessions(...tagged), NO_DATA);
    }
    case "platform":
      return policy(
        log,
        assume(controlPlaneRoleArn(site), auditAppendRoleArn(site)),
        nameSessions(auditAppendRoleArn(site)),
        NO_DATA,
      );
    case "finance": {
      const tagged = [booksRoleArn(site), auditAppendRoleArn(site)];
      return policy(log, assume(...tagged, registryReadRoleArn(site)), nameSessions(...tagged), NO_DATA);
    }
    case "fhir":
      return policy(
        log,
        assume(tenantRoleArn(site), registryReadRoleArn(site)),
        nameSessions(tenantRoleArn(site)),
        NO_DATA,
      );
    case "clinic": {
      const tagged = [
        tenantRoleArn(site),
        auditReadRoleArn(site),
        registryPrivacyRoleArn(site),
        peopleNamesRoleArn(site),
      ];
      return policy(log, assume(...tagged, registryReadRoleArn(site)), nameSessions(...tagged), NO_DATA);
    }
    case "patient": {
      const tagged = [tenantRoleArn(site), auditReadRoleArn(site), peopleNamesRoleArn(site)];
      return policy(log, assume(...tagged, registryReadRoleArn(site)), nameSessions(...tagged), NO_DATA);
    }
    case "archive":
      return policy(log, ...archiveStatements(site, keys));
    case "cross-check":
      return policy(log, ...crossCheckStatements(site));
    case "seal":
      return policy(log, ...sealStatements(site, keys));
    case "index":
      return policy(log, ...indexStatements(site));
    case "reconcile":
      return policy(log, ...reconcileStatements(site, keys));
    case "export":
      return policy(
        log,
        assume(tenantExportRoleArn(site), registryReadRoleArn(site)),
        nameSessions(tenantExportRoleArn(site)),
        ...exportStatements(site),
      );
    case "meter":
      return policy(log, ...meterStatements(site, keys));
    case "close":
      return policy(log, ...closeStatements(site, keys));
    case "witness":
      return policy(log, ...witnessStatements(site, keys));
  }
}
