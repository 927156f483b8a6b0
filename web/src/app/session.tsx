import {
  createContext,
  type ReactNode,
  type RefObject,
  Suspense,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { askRefusedAgain } from "../api/cache.ts";
import { call, Problem } from "../api/client.ts";
import { useText } from "../i18n/index.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Heading, Text } from "../ui/text.tsx";
import { ProblemState, Skeleton } from "../ui/states.tsx";
import { appMessages } from "./messages.ts";
import { endSession, reloadPage, sessionDoubts } from "./session-end.ts";
import { currentSession, type Session, sessionState } from "./session-state.ts";
import { readSession } from "./session-read.ts";
import { IdleWarning, PurposePart, SignInPart, StepUpPart } from "./session-parts.tsx";
import { stepUpAsked } from "./step-up.ts";
import { useStore } from "./store.ts";
import { hearTabs, tellTabs } from "./tabs.ts";
import css from "./shell.module.css";

export type { Session } from "./session-state.ts";
export { requireStepUp } from "./step-up.ts";

const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in. Below the gate there always is somebody. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new TypeError("useSession stands outside of a session");
  return session;
}

/** True where policy permits an action: what a screen offers. The server decides again. */
export const useCan = (): ((action: string) => boolean) => {
  const { can } = useSession();
  return (action) => can.includes(action);
};

/** Takes on a sign-in: the first of the page, or the same person's again behind the lock. Anybody else loads the page anew. */
export function beginSession(session: Session): void {
  const known = currentSession();
  const isSame = known === undefined || (known.user.id === session.user.id && known.tenant.id === session.tenant.id);
  tellTabs({ kind: "signed-in", tag: session.tag, userId: session.user.id, tenantId: session.tenant.id });
  if (!isSame) {
    reloadPage();
    return;
  }
  sessionState.set({ status: "active", session });
}

/** Ends the session at the server, then forgets everything here and in the other tabs. */
export async function signOut(everywhere = false): Promise<void> {
  try {
    await call("signOut", { body: { everywhere } });
  } catch (thrown) {
    // A session that is over already was meant to end. Anything else is told: somebody would walk away from it.
    if (!(thrown instanceof Problem) || thrown.kind !== "signed-out") throw thrown;
  }
  endSession("left");
}

/** Asks again who is signed in where an answer left it in doubt: a step-up elsewhere ends a cookie under a request. */
function useDoubts(): void {
  useEffect(
    () =>
      sessionDoubts.subscribe(() => {
        void readSession()
          .then(() => (sessionState.get().status === "active" ? askRefusedAgain() : undefined))
          .catch(() => undefined);
      }),
    [],
  );
}

/** Hears what the other tabs of this browser say of the session. */
function useOtherTabs(): void {
  useEffect(
    () =>
      hearTabs((news) => {
        const known = currentSession();
        if (news.kind === "signed-out") {
          if (known?.tag === news.tag && sessionState.get().status === "active") endSession("lapsed");
          return;
        }
        if (known === undefined) {
          if (sessionState.get().status === "none") void readSession();
        } else if (known.user.id !== news.userId || known.tenant.id !== news.tenantId) reloadPage();
        else if (known.tag !== news.tag || sessionState.get().status === "ended") void readSession();
      }),
    [],
  );
}

/** Asks once who is signed in, and gives it to what stands below. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, t] = [useStore(sessionState), useText(appMessages)];
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const begin = (): void => {
    setProblem(undefined);
    readSession().catch((thrown: unknown) => {
      setProblem(thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 }));
    });
  };
  useEffect(begin, []);
  useOtherTabs();
  useDoubts();
  if (state.status === "loading") {
    return (
      <main className={css["alone"]}>
        {problem === undefined ? (
          <Skeleton label={t("starting")} />
        ) : (
          <ProblemState problem={problem} onRetry={begin} />
        )}
      </main>
    );
  }
  const session = state.status === "none" ? undefined : state.session;
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

/** The form for who is not signed in, in place of any screen. After it the same address is shown. */
export const SignInGate = () => (
  <main className={css["alone"]} id="content">
    <Suspense fallback={<Skeleton />}>
      <SignInPart onSignedIn={beginSession} />
    </Suspense>
  </main>
);

/** What the session is for, in place of any screen: without it policy permits nothing. */
export function PurposeGate() {
  const session = useSession();
  return (
    <main className={css["alone"]} id="content">
      <Suspense fallback={<Skeleton />}>
        <PurposePart session={session} onChosen={beginSession} />
      </Suspense>
    </main>
  );
}

/** The lock takes the focus, which would be lost with what it hides, and gives it back to where somebody was. */
function useLockFocus(isLocked: boolean): RefObject<HTMLElement | null> {
  const lock = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (!isLocked) return undefined;
    const before = document.activeElement;
    lock.current?.querySelector<HTMLElement>("[data-page-title]")?.focus();
    return () => {
      // After the page is shown again: what is hidden takes no focus.
      requestAnimationFrame(() => {
        if (before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, [isLocked]);
  return lock;
}

/** Over a page whose session has ended. The page behind it is kept and can be neither seen, reached nor read out. */
export function SignedOutOverlay() {
  const [state, t] = [useStore(sessionState), useText(appMessages)];
  const lock = useLockFocus(state.status === "ended");
  if (state.status !== "ended") return null;
  const { name } = state.session.user;
  return (
    <main className={css["alone"]} id="content" ref={lock}>
      <Heading level={1} isTarget>
        {t("signedOutTitle")}
      </Heading>
      <Text>{t("signedOutText", { name })}</Text>
      <Suspense fallback={<Skeleton />}>
        <SignInPart again={state.session} onSignedIn={beginSession} />
      </Suspense>
    </main>
  );
}

/** The dialog of a step-up, wherever it was asked for. */
export function StepUpDialog() {
  const [asked, t] = [useStore(stepUpAsked), useText(appMessages)];
  return (
    <Dialog title={t("stepUpTitle")} isOpen={asked !== undefined} onClose={() => asked?.onRefused()} size="sm" isAbove>
      <Text>{t("stepUpText")}</Text>
      {asked !== undefined && (
        <Suspense fallback={<Skeleton />}>
          <StepUpPart act={asked.act} onShown={asked.onShown} onRefused={asked.onRefused} />
        </Suspense>
      )}
    </Dialog>
  );
}

export { IdleWarning };
