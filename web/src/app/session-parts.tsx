import { type ComponentType, lazy } from "react";
import type { Session } from "./session-state.ts";

export interface SignInProps {
  /** Who was signed in, where the page waits behind the lock: the same person alone goes on with it. */
  readonly again?: Session;
  readonly onSignedIn: (session: Session) => void;
}

export interface PurposeProps {
  /** A session that has not said what it is for. */
  readonly session: Session;
  readonly onChosen: (session: Session) => void;
}

export interface StepUpProps {
  /** The one request that the factors are shown for. */
  readonly act: string | undefined;
  readonly onShown: () => void;
  readonly onRefused: () => void;
}

type Part<P> = () => Promise<{ readonly default: ComponentType<P> }>;

const found = import.meta.glob<{ default: ComponentType<never> }>(
  "../screens/sign-in/{sign-in,purpose,step-up,idle}.tsx",
);
const Nothing = () => null;

/** The screens of the session zone, by their file: each is a chunk of its own. */
const part = <P extends object>(name: string): ComponentType<P> =>
  lazy((found[`../screens/sign-in/${name}.tsx`] ?? (() => Promise.resolve({ default: Nothing }))) as Part<P>);

export const SignInPart = part<SignInProps>("sign-in");
export const PurposePart = part<PurposeProps>("purpose");
export const StepUpPart = part<StepUpProps>("step-up");
export const IdleWarning = part<object>("idle");
