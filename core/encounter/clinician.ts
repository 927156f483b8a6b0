import type { Clinician } from "../contract/index.ts";
import { isJsonObject, type JsonObject } from "../fhir/index.ts";
import type { UserId } from "../kernel/ids.ts";
import { ACTOR_SYSTEMS } from "../policy/consent/systems.ts";

/** Who is signed in, as records name her: from the session and the registry, never from a request's body. */
export interface Signer {
  readonly userId: UserId;
  readonly name: string;
  /** The Practitioner that she is, where her membership says so. */
  readonly practitionerId?: string;
  readonly roles: readonly string[];
}

/** A Reference to her: by her account, and by her Practitioner where she is one. FHIR R4 references.html#logical. */
export const referenceTo = ({ userId, name, practitionerId }: Signer): JsonObject => ({
  ...(practitionerId !== undefined && { reference: `Practitioner/${practitionerId}` }),
  identifier: { system: ACTOR_SYSTEMS.user, value: userId },
  display: name,
});

/** The account that a Reference names. */
export function userOf(reference: unknown): string | undefined {
  if (!isJsonObject(reference) || !isJsonObject(reference["identifier"])) return undefined;
  const { system, value } = reference["identifier"];
  return system === ACTOR_SYSTEMS.user && typeof value === "string" ? value : undefined;
}

/** What a Reference says of somebody, for who looks. */
export function clinicianOf(reference: unknown, me: Signer): Clinician {
  const user = userOf(reference);
  const display = isJsonObject(reference) ? reference["display"] : undefined;
  return {
    name: typeof display === "string" ? display : "",
    isMe: user === me.userId,
    ...(user !== undefined && { user }),
  };
}
