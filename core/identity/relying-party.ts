import { invariant } from "../kernel/invariant.ts";

/** To whom a passkey belongs, and from where alone it is taken. WebAuthn Level 3 4, relying party identifier. */
export interface RelyingParty {
  /** The portal's host name and no parent of it: a sibling site of the stage's domain gets no assertion of ours. */
  readonly id: string;
  /** Exact, with scheme and port. */
  readonly origin: string;
  readonly name: string;
}

/** @param portalOrigin `https://` and a host name; on one's own machine `http://localhost:<port>`. */
export function relyingPartyOf(portalOrigin: string): RelyingParty {
  const { origin, hostname, protocol } = new URL(portalOrigin);
  invariant(protocol === "https:" || hostname === "localhost", "passkeys work on https, and on localhost");
  invariant(!/^[\d.]+$|^\[/.test(hostname), "a relying party is a name, and no address");
  return { id: hostname, origin, name: "Keyward" };
}
