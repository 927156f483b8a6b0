import { expect, test } from "@playwright/test";
import { AREAS } from "../../web/src/app/areas.ts";
import { appMessages } from "../../web/src/app/messages.ts";
import { type Look, looks, unseenScreens, type Way } from "./harness/looks.ts";

const WAYS: readonly Way[] = ["light", "dark", "320 px"];

const { noPermission, notFound, nothingForYou, errorTitle } = appMessages.en;
/** What stands in the place of a screen that is not shown. */
const INSTEAD: readonly string[] = ["", noPermission, notFound, nothingForYou, errorTitle];
const areShown = (all: readonly Look[]): Look[] => all.filter(({ title }) => !INSTEAD.includes(title));

/** Runs after all stories (`playwright.config.ts`), and not beside a part of them. */
test("every screen of the router was looked at by axe in light and in dark, and at 320 px", () => {
  expect(unseenScreens(AREAS, areShown(looks()), WAYS)).toEqual([]);
});

test("a screen that nobody looked at is found, whatever stands at an address like its own or in its place", () => {
  const screens = [
    { id: "patient", path: "/app/patients/$patient" },
    { id: "new", path: "/app/patients/new" },
    { id: "merge", path: "/app/patients/$patient/merge" },
  ];
  const look = (path: string, title = "Title"): Look => ({ way: "light", path, title });
  const seen = [look("/app/patients/new"), look("/app/patients/p1/merge", noPermission), look("/app/patients/p1", "")];
  expect(unseenScreens(screens, areShown(seen), ["light"])).toEqual(["patient: light", "merge: light"]);
  expect(unseenScreens(screens, [look("/app/patients/p1")], ["light", "dark"])).toEqual([
    "patient: dark",
    "new: light",
    "new: dark",
    "merge: light",
    "merge: dark",
  ]);
});
