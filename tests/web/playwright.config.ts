import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  projects: [
    { name: "stories", testMatch: "**/*.spec.ts", testIgnore: "**/screens.spec.ts" },
    // What the stories looked at is known when the last has been told.
    { name: "screens", testMatch: "**/screens.spec.ts", dependencies: ["stories"] },
  ],
  outputDir: "results",
  globalSetup: "./global-setup.ts",
  // A worker is a stage and a browser: two fill two processors.
  workers: 2,
  retries: 0,
  // Stories whose rules are held by faster tests as well: with KEYWARD_BROWSER=all they are told in the browser too.
  ...(process.env["KEYWARD_BROWSER"] === "all" ? {} : { grepInvert: /@long/ }),
  // What waits in vain is told by its own line, before the whole test is over: also on a machine that is busy.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: "line",
  use: {
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    locale: "en-US",
    timezoneId: "America/Chicago",
    viewport: { width: 1280, height: 800 },
    video: "off",
    trace: "off",
    screenshot: "off",
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
      ],
    },
  },
});
