import type { SessionView } from "../../../core/contract/index.ts";
import { createStore, useStore } from "./store.ts";

/** Who is signed in, at which clinic, and what the server says that they may do. */
export interface Session extends Omit<SessionView, "user" | "tenant" | "purpose"> {
  readonly user: { readonly id: string; readonly name: string };
  readonly tenant: {
    readonly id: string;
    readonly name: string;
    /** IANA name: all days and times of the clinic are read in it. */
    readonly timeZone: string;
    readonly locale: string;
  };
  readonly purpose: SessionView["purpose"] | undefined;
}

/**
 * `loading` until the server has answered once; `none` nobody is signed in; `active`; `ended` over, with the page kept
 * behind the sign-in form.
 */
export type SessionState =
  | { readonly status: "loading" }
  | { readonly status: "none" }
  | { readonly status: "active"; readonly session: Session }
  | { readonly status: "ended"; readonly session: Session };

export const sessionState = createStore<SessionState>({ status: "loading" });

/** The notice of 42 CFR 2.32 that came with what is shown. */
export const redisclosure = createStore<string | undefined>(undefined);

export const currentSession = (): Session | undefined => {
  const state = sessionState.get();
  return state.status === "active" || state.status === "ended" ? state.session : undefined;
};

/** The session as the screens know it. A clinic that has not said its hours yet has no zone of its own. */
export function sessionOf(view: SessionView): Session {
  const { user, tenant, purpose } = view;
  return {
    ...view,
    user: { id: user.id, name: user.displayName },
    tenant: { id: tenant.id, name: tenant.name, timeZone: tenant.timeZone ?? "UTC", locale: "en" },
    purpose,
  };
}

/** The zone in which the clinic lives; UTC while nobody is signed in. */
export function useClinicTimeZone(): string {
  const state = useStore(sessionState);
  return state.status === "active" || state.status === "ended" ? state.session.tenant.timeZone : "UTC";
}
