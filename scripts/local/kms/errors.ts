import { ServiceError } from "../service.ts";

/** An error with KMS's name for it. Source: AWS KMS API Reference, the Errors section of each operation. All are HTTP 400. */
export const kmsError = (code: string, message = ""): ServiceError => new ServiceError(code, message, 400);

export const validation = (message: string): ServiceError => kmsError("ValidationException", message);

/** AWS's wording for a member that breaks its shape; the value itself is left out, it may be plaintext. */
export const constraint = (member: string, rule: string): ServiceError =>
  validation(
    `1 validation error detected: Value at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: ${rule}`,
  );

/** What this KMS does not do is said so, with 501: it never acts as if it had understood. */
export const notImplemented = (what: string): ServiceError =>
  new ServiceError("NotImplemented", `${what} is not implemented by the embedded KMS`, 501);

export const keyNotFound = (arn: string): ServiceError => kmsError("NotFoundException", `Key '${arn}' does not exist`);

/** AWS tells nothing about why a ciphertext does not open, so neither does this. */
export const invalidCiphertext = (): ServiceError => kmsError("InvalidCiphertextException");
