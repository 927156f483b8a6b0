import { ServiceError } from "../service.ts";

/** The request breaks a rule of DynamoDB; `message` is AWS's wording and never holds an attribute's value. */
export const validation = (message: string): ServiceError => new ServiceError("ValidationException", message);

/** A value that breaks a rule; AWS puts this sentence before the rule. */
export const invalidParameter = (rule: string): ServiceError =>
  validation(`One or more parameter values were invalid: ${rule}`);

/** A member of the request breaks a constraint of the API's model. `shown` is how AWS quotes the value. */
export const constraint = (shown: string, member: string, rule: string): ServiceError =>
  validation(`1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${rule}`);

/** The JSON does not have the shape of the operation's input. */
export const serialization = (message: string): ServiceError => new ServiceError("SerializationException", message);

export const resourceNotFound = (message = "Requested resource not found"): ServiceError =>
  new ServiceError("ResourceNotFoundException", message);

export const tableNotFound = (tableName: string): ServiceError =>
  resourceNotFound(`Requested resource not found: Table: ${tableName} not found`);

/** What this DynamoDB does not do; never a fall-through. */
export const notImplemented = (what: string): ServiceError =>
  new ServiceError("UnknownOperationException", `${what} is not implemented by the embedded DynamoDB`, 501);

export const conditionFailed = (item?: unknown): ServiceError =>
  new ServiceError(
    "ConditionalCheckFailedException",
    "The conditional request failed",
    400,
    item === undefined ? {} : { Item: item },
  );
