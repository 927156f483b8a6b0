import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import type { PasskeyAssertion, PasskeyAttestation, PasskeyOptions } from "../../../../core/contract/index.ts";

/** Whether this browser knows passkeys at all. */
export const hasPasskeys = (): boolean => browserSupportsWebAuthn();
/** Whether it offers them in the login field by itself. */
export const offersPasskeys = (): Promise<boolean> => browserSupportsWebAuthnAutofill();

/** Gives up a passkey that is waited for: a browser waits for one at a time. */
export const stopPasskey = (): void => WebAuthnAbortService.cancelCeremony();

type Requested = Parameters<typeof startAuthentication>[0]["optionsJSON"];
type Made = Parameters<typeof startRegistration>[0]["optionsJSON"];

/**
 * Asks the device for a passkey; undefined where it gives none, as when somebody closes its window.
 * @param isOffered In the login field, for as long as the page is open, in the place of a window.
 */
export async function showPasskey(
  { options }: PasskeyOptions,
  isOffered = false,
): Promise<PasskeyAssertion | undefined> {
  try {
    const shown = await startAuthentication({
      optionsJSON: options as unknown as Requested,
      useBrowserAutofill: isOffered,
    });
    const { id, rawId, type, response, authenticatorAttachment, clientExtensionResults } = shown;
    const { clientDataJSON, authenticatorData, signature, userHandle } = response;
    return {
      id,
      rawId,
      type,
      clientExtensionResults: { ...clientExtensionResults },
      ...(authenticatorAttachment !== undefined && { authenticatorAttachment }),
      response: { clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) },
    };
  } catch {
    // The browser does not say why: another site's page must not learn what a device holds.
    return undefined;
  }
}

/** Lets the device make a passkey; undefined where it makes none. */
export async function makePasskey({ options }: PasskeyOptions): Promise<PasskeyAttestation | undefined> {
  try {
    const made = await startRegistration({ optionsJSON: options as unknown as Made });
    const { id, rawId, type, response, authenticatorAttachment, clientExtensionResults } = made;
    const { clientDataJSON, attestationObject, transports } = response;
    return {
      id,
      rawId,
      type,
      clientExtensionResults: { ...clientExtensionResults },
      ...(authenticatorAttachment !== undefined && { authenticatorAttachment }),
      response: { clientDataJSON, attestationObject, ...(transports !== undefined && { transports }) },
    };
  } catch {
    return undefined;
  }
}
