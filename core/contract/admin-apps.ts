import * as z from "zod";
import { AppRole, MAX_KEYS, PublicJwk } from "./platform.ts";
import { StandingPurpose } from "./purpose.ts";

/** Apps and systems of a clinic: SMART App Launch 2.2 clients, registered by its administrator. */

/**
 * `public`: people sign in, and nothing can be kept secret (a phone, a page); `confidential`: people sign in, and a server
 * shows its key; `backend`: a system works by itself, with its key.
 */
export const AppKind = z.enum(["public", "confidential", "backend"]);
export type AppKind = z.infer<typeof AppKind>;

/** SMART App Launch 2.2 scopes v2, in the grain that tokens are issued and checked in. */
export const AppScope = z.enum(["user/*.cruds", "user/*.rs", "system/*.cruds", "system/*.rs"]);
export type AppScope = z.infer<typeof AppScope>;

/** What an app of a kind may ask for. */
export const SCOPES_OF_KIND: Readonly<Record<AppKind, readonly AppScope[]>> = {
  public: ["user/*.cruds", "user/*.rs"],
  confidential: ["user/*.cruds", "user/*.rs"],
  backend: ["system/*.cruds", "system/*.rs"],
};

/** RFC 8252 7.3 and 8.3: loopback by its address, with any port; everything else by https, with no user and no fragment. */
export function isRedirectUri(text: string): boolean {
  if (!URL.canParse(text) || text.includes("#") || text.includes("*")) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  if (protocol === "https:") return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(hostname) && !/^[\d.]+$/.test(hostname);
  return protocol === "http:" && ["127.0.0.1", "[::1]"].includes(hostname);
}
export const isLoopback = (text: string): boolean => text.startsWith("http:");

const redirectUris = z.array(z.string().max(300).refine(isRedirectUri)).max(5);
const scopes = z.array(AppScope).min(1).max(2);
const purposes = z.array(StandingPurpose).min(1).max(6);
const name = z.string().trim().min(1).max(120);

export const RegisterApp = z
  .strictObject({
    name,
    kind: AppKind,
    /** Of a backend: what the system is. Apps that people sign in with have the roles of whoever signs in. */
    role: AppRole.optional(),
    scopes,
    purposes,
    redirectUris: redirectUris.default([]),
    keys: z.array(PublicJwk).max(MAX_KEYS).default([]),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string): void => {
      issues.push({ code: "custom", input: value, path: [path] });
    };
    const isBackend = value.kind === "backend";
    if (value.scopes.some((scope) => !SCOPES_OF_KIND[value.kind].includes(scope))) wrong("scopes");
    if (isBackend !== (value.role !== undefined)) wrong("role");
    if (isBackend !== (value.redirectUris.length === 0)) wrong("redirectUris");
    // RFC 8252 8.4: a client is of one kind, on this machine or on a server.
    if (new Set(value.redirectUris.map(isLoopback)).size > 1) wrong("redirectUris");
    if ((value.kind === "public") !== (value.keys.length === 0)) wrong("keys");
    if (new Set(value.keys.map(({ kid }) => kid)).size !== value.keys.length) wrong("keys");
  });
export type RegisterApp = z.infer<typeof RegisterApp>;

export const ChangeApp = z.strictObject({ name, scopes, purposes, redirectUris });
export type ChangeApp = z.infer<typeof ChangeApp>;

export const AddKey = z.strictObject({ key: PublicJwk });
export type AddKey = z.infer<typeof AddKey>;

export const APP_RULES = [
  "scope-of-kind",
  "redirect-of-kind",
  "key-known",
  "key-last",
  "key-count",
  "key-none",
  "key-unknown",
] as const;
export type AppRule = (typeof APP_RULES)[number];

export interface AppView {
  readonly id: string;
  readonly name: string;
  readonly kind: AppKind;
  readonly roles: readonly string[];
  readonly scopes: readonly AppScope[];
  /** Empty: whatever its roles work for. */
  readonly purposes: readonly StandingPurpose[];
  readonly redirectUris: readonly string[];
  readonly keys: readonly { readonly kid: string; readonly thumbprint: string }[];
  readonly state: "active" | "suspended";
  /** For `If-Match`. */
  readonly version: number;
  readonly registeredAt?: string;
}

export interface AdminAppAnswers {
  readonly listApps: { readonly apps: readonly AppView[] };
  readonly readApp: AppView;
  readonly registerApp: AppView;
  readonly changeApp: AppView;
  readonly suspendApp: AppView;
  readonly resumeApp: AppView;
  readonly addAppKey: AppView;
  readonly revokeAppKey: AppView;
}
