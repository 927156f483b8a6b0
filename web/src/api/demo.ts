import type { DemoSignIn } from "../../../core/contract/demo-sign-in.ts";

const TEXTS = ["login", "name", "role", "clinic", "tenant", "purpose", "password", "totp"] as const;

function isDemo(value: unknown): value is DemoSignIn {
  if (typeof value !== "object" || value === null) return false;
  const found = value as Readonly<Record<string, unknown>>;
  return TEXTS.every((name) => typeof found[name] === "string") && typeof found["waitMs"] === "number";
}

/** The sign-ins of a local stage, with codes that work now; none where the stage is no demonstration. */
export async function readDemo(): Promise<readonly DemoSignIn[]> {
  try {
    const response = await fetch("/app/demo.json", { cache: "no-store", credentials: "omit" });
    if (!response.ok) return [];
    const { signIns } = (await response.json()) as { readonly signIns?: unknown };
    return Array.isArray(signIns) ? signIns.filter(isDemo) : [];
  } catch {
    return [];
  }
}
