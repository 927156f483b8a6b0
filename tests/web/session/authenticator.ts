import type { CDPSession, Page } from "@playwright/test";

/** The passkeys of one device: Chromium's own virtual authenticator, which answers as a finger on a sensor would. */
export interface Device {
  /** How many passkeys it holds. */
  count(): Promise<number>;
  /** Whether its owner unlocks it; a device that is not unlocked verifies nobody. */
  setUnlocked(isUnlocked: boolean): Promise<void>;
}

/** Gives this page's browser a device with a screen lock, which is asked for each time. Chrome DevTools, WebAuthn domain. */
export async function giveDevice(page: Page): Promise<Device> {
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
      automaticPresenceSimulation: true,
    },
  });
  return {
    async count() {
      return (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length;
    },
    async setUnlocked(isUnlocked) {
      await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: isUnlocked });
    },
  };
}
