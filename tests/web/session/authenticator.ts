import type { CDPSession, Page } from "@playwright/test";

/** The passkeys of one device: Chromium's own virtual authenticator, whose sensor somebody touches or leaves alone. */
export interface Device {
  /**
   * A finger lies on the sensor while `act` runs, and answers whatever asks for it. Outside of this nothing is given:
   * a sign-in page that offers passkeys in its field (conditional mediation) waits.
   */
  touching(act: () => Promise<void>): Promise<void>;
  /** Until the page asks for a passkey in its field: from then on one that is touched answers that, or what comes after. */
  isAsked(): Promise<void>;
  /** How many passkeys it holds. */
  count(): Promise<number>;
  /** Whether its owner unlocks it; a device that is not unlocked verifies nobody. */
  setUnlocked(isUnlocked: boolean): Promise<void>;
}

/** Runs in each page before its own code: no event tells that a page has begun to wait for a passkey. */
function tellOffers(): void {
  const { credentials } = navigator;
  const get = credentials.get.bind(credentials);
  credentials.get = (options) => {
    const asked = get(options);
    if (options?.mediation === "conditional") document.documentElement.toggleAttribute("data-offered", true);
    return asked;
  };
}

/** Gives this page's browser a device with a screen lock, which is asked for each time. Chrome DevTools, WebAuthn domain. */
export async function giveDevice(page: Page): Promise<Device> {
  await page.addInitScript(tellOffers);
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: false,
    },
  });
  const touch = (enabled: boolean): Promise<unknown> =>
    devtools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  return {
    async touching(act) {
      await touch(true);
      await act();
      await touch(false);
    },
    async isAsked() {
      await page.locator("html[data-offered]").waitFor();
    },
    async count() {
      return (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length;
    },
    async setUnlocked(isUnlocked) {
      await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: isUnlocked });
    },
  };
}
