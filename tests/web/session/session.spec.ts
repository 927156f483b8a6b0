import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Page } from "@playwright/test";
import { systemClock } from "../../../core/kernel/clock.ts";
import { createDynamoTable } from "../../../core/table/dynamodb.ts";
import { createMeter } from "../../../core/table/index.ts";
import { createRegistryStore } from "../../../core/table/registry-store.ts";
import { joining } from "../../fixtures/registry.ts";
import { checkA11y, expect, type Person, type Portal, test } from "../portal.ts";

/** UIX-5, AT-45, AT-47 as a person meets them: the session ends, and nothing that was entered is lost or left behind. */

/** Makes a member of one clinic a member of another one, which no route does. */
async function join(portal: Portal, { userId }: Person, tenantId: string, roles: readonly string[]): Promise<void> {
  const { cloud, endpoint } = portal.stage.stack;
  const { accessKeyId, secretAccessKey } = cloud.rootCredentials;
  const client = new DynamoDBClient({
    region: "us-east-1",
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  const names = { registry: "keyward-dev-registry" };
  const table = createDynamoTable({ client, names, clock: systemClock, meter: createMeter() });
  await createRegistryStore(table).write(joining(userId, tenantId, roles));
  client.destroy();
}

async function signIn(page: Page, portal: Portal, person: Person): Promise<void> {
  const field = (name: string) => page.getByRole("textbox", { name });
  await field("Login").fill(person.login);
  await field("Password").fill(person.password);
  await field("Code").fill(await portal.freshCode(person));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("AT-47 a session that ended keeps the form; the same person goes on, another one starts anew", async ({
  open,
  portal,
}) => {
  const doc = await portal.hire(["physician"], { displayName: "Priya Raman" });
  const page = await open(doc, "/app/account");
  await page.getByRole("radio", { name: "Research" }).check();
  await portal.as(doc).send("POST", "/session/sign-out", { body: {} });
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Your session is over" })).toBeFocused();
  // What is behind the lock is in no accessibility tree, and out of sight.
  await expect(page.getByRole("heading", { name: "Your account" })).toBeHidden();
  await checkA11y(page);
  await signIn(page, portal, doc);
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "Research" })).toBeChecked();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.getByRole("button", { name: /^Account menu/ })).toContainText("Working for: research");

  const other = await portal.hire(["physician"], { displayName: "Samuel Abiodun" });
  await page.getByRole("radio", { name: "Training of models" }).check();
  await page.evaluate(async () => {
    await fetch("/session/sign-out", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  });
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Your session is over" })).toBeVisible();
  await signIn(page, portal, other);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("button", { name: /^Account menu/ })).toContainText("Samuel Abiodun");
  await expect(page.getByRole("radio", { name: "Training of models" })).not.toBeChecked();
});

test("AT-47 somebody is warned before the session ends, and stays by one button", async ({ open, portal }) => {
  const bill = await portal.hire(["billing"], { displayName: "Grace Whitfield" });
  let isShort = true;
  const page = await open(bill, "/app/account");
  // The server says that little is left: a minute and a second, running down.
  const endsAtMs = Date.now() + 61_000;
  await page.route("**/session", async (route) => {
    const answer = await route.fetch();
    const view = (await answer.json()) as Record<string, unknown>;
    const short = { ...view, idleLeftMs: Math.max(1, endsAtMs - Date.now()) };
    await route.fulfill({ response: answer, json: isShort ? short : view });
  });
  await page.reload();
  const warning = page.getByRole("dialog", { name: "Are you still there?" });
  await expect(warning).toBeVisible();
  await expect(warning.getByRole("timer")).toBeVisible();
  await checkA11y(page, { include: ["[role=dialog]"] });
  isShort = false;
  await warning.getByRole("button", { name: "Stay signed in" }).click();
  await expect(warning).toBeHidden();
  await page.unrouteAll({ behavior: "wait" });
});

test("AT-45 another clinic leaves no trace of the first: not by the back button, and not in a second tab", async ({
  open,
  portal,
}) => {
  const riverside = await portal.clinic("Riverside Clinic");
  const nurse = await portal.hire(["nurse"], { displayName: "Maya Okafor" });
  await join(portal, nurse, riverside.tenantId, ["nurse"]);
  const page = await open(nurse, "/app/account");
  const second = await open(nurse, "/app/account", { beside: page });
  await expect(second.getByText("Maya Okafor, at Lakeside Family Practice")).toBeVisible();
  await page.getByRole("button", { name: "Change over to Riverside Clinic" }).click();
  await expect(page.getByRole("banner")).toContainText("Riverside Clinic");
  for (const tab of [page, second]) {
    await expect(tab.getByRole("banner")).toContainText("Riverside Clinic");
    await expect(tab.getByText("Lakeside Family Practice, ")).toHaveCount(0);
  }
  await page.goBack();
  await page.goto("/app/account");
  // A clinic's own copy of a name is the clinic's: what the first calls her does not come along.
  await expect(page.getByText(/^You are at Riverside Clinic\./)).toBeVisible();
  await expect(page.getByText("Maya Okafor")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Change over to Lakeside Family Practice" })).toBeVisible();

  // Signing out everywhere ends the other tab as well.
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Keyward" })).toBeVisible();
  await expect(second.getByRole("heading", { name: "Your session is over" })).toBeVisible();
});
