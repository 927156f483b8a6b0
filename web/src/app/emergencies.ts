import type { RouteName } from "../../../core/contract/index.ts";
import { createStore } from "./store.ts";

/** A chart that is open to the person in an emergency: which, under which episode, and until when. */
export interface OpenEmergency {
  readonly id: string;
  readonly patient: string;
  readonly expiresAt: string;
}

/** All of the person's own, of this sign-in. The server judges each request by what it has on record. */
export const openEmergencies = createStore<readonly OpenEmergency[]>([]);

const isOpen = ({ expiresAt }: OpenEmergency): boolean => Date.parse(expiresAt) > Date.now();

/** What is about a patient's consents or the emergency itself is never done for emergency treatment. */
const ORDINARY: ReadonlySet<RouteName> = new Set<RouteName>([
  "listConsents",
  "recordConsent",
  "previewConsentForm",
  "revokeConsent",
  "beginBreakGlass",
  "endBreakGlass",
  "ownBreakGlass",
]);

interface Named {
  readonly path?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

const valuesOf = (part: unknown): readonly unknown[] =>
  typeof part === "object" && part !== null ? Object.values(part as Readonly<Record<string, unknown>>) : [];

/**
 * The purpose of a request about a chart that is open in an emergency: whoever works on it works for emergency treatment,
 * and says so. Undefined for every other request.
 */
export function emergencyPurpose(route: RouteName, { path, query, body }: Named): "ETREAT" | undefined {
  const open = openEmergencies.get().filter(isOpen);
  if (open.length === 0 || ORDINARY.has(route)) return undefined;
  const named = new Set([...valuesOf(path), ...valuesOf(query), ...valuesOf(body)]);
  return open.some(({ patient }) => named.has(patient)) ? "ETREAT" : undefined;
}

export const rememberEmergency = (episode: OpenEmergency): void =>
  openEmergencies.update((known) => [...known.filter(({ id }) => id !== episode.id), episode]);

export const forgetEmergency = (id: string): void =>
  openEmergencies.update((known) => known.filter((episode) => episode.id !== id));
