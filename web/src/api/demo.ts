/** Somebody made up, of a stage on one's own machine. No deployed stage answers the address. */
export interface DemoSignIn {
  readonly login: string;
  readonly name: string;
  readonly role: string;
  readonly clinic: string;
  readonly tenant: string;
  readonly purpose: string;
  readonly password: string;
  readonly totp: string;
  /** How long until the code is taken: one works once, and a person may have used those of this minute. */
  readonly waitMs: number;
}

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
