import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "results",
  globalSetup: "./global-setup.ts",
  // A worker is a stage and a browser: two fill two processors.
  workers: 2,
  retries: 0,
  // Stories whose rules are held by faster tests as well: with KEYWARD_BROWSER=all they are told in the browser too.
  ...(process.env["KEYWARD_BROWSER"] === "all" ? {} : { grepInvert: /@long/ }),
  timeout: 150_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: "line",
  use: {
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
