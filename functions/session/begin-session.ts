import type { StandingPurpose } from "../../core/contract/index.ts";
import type { Device } from "../../core/identity/device.ts";
import type { Opened, Sessions } from "../../core/identity/session.ts";
import type { KnownLogin, SignedIn, SignIn, SignInFailure, SignInRequest } from "../../core/identity/sign-in.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import type { TenantId, UserId } from "../../core/kernel/ids.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import { type Decision, notAsked } from "../../core/policy/grant.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import { openName, type OpenWord } from "../../core/tenant/person-words.ts";
import { parseRow, type SessionRow, TenantRow, tenantKey } from "../../core/tenant/rows.ts";
import { describeError, log } from "../runtime/log.ts";
import { chargeTo } from "../runtime/meter.ts";
import { opaque } from "../runtime/outbox.ts";
import type { Operation, OperationAudit, RequestOrigin, Telling } from "../runtime/operation-audit.ts";

/** Which of the two doors somebody came through: the portal's own sign-in, or the page of a code flow. */
export interface Door {
  readonly kind: "cookie" | "oauth";
  readonly clientId: string;
}

export interface Entered extends SignedIn, Opened {}
/** `unavailable`: the clinic's trail could not be written, and nobody was let in. */
export type EntryFailure = SignInFailure | { readonly kind: "unavailable" };

/** What a way in does beside letting in. */
export interface Arrival {
  readonly door: Door;
  readonly purpose?: StandingPurpose | undefined;
  /** The one user who has said it; undefined where whoever signs in has. */
  readonly purposeOf?: string | undefined;
  /** What the session is for where nobody said it, and there is nothing to choose. */
  readonly onlyPurposeOf?: (signedIn: SignedIn) => Promise<StandingPurpose | undefined>;
  readonly device?: Device;
  /** The live session of the cookie that was shown: signing in anew ends it. */
  readonly replaced?: SessionRow | undefined;
  /** A user of several clinics is asked which, and not refused. */
  readonly isChoosing?: boolean;
}

export interface AdmitDeps {
  readonly sessions: Sessions;
  readonly registry: RegistryStore;
  readonly audit: OperationAudit;
  readonly pause: (ms: number) => Promise<void>;
  readonly wordsOf: (tenant: TenantRow, userId: UserId) => OpenWord;
}

export interface BeginSessionDeps extends AdmitDeps {
  readonly signIn: SignIn;
}

/**
 * How long a refused sign-in waits after it was decided. Longer than an event takes to be written (STS, the audit key,
 * one PutItem), and short enough that a flood of guesses holds no more of the function than it must.
 */
export const REFUSAL_PAUSE_MS = 400;

/** No rule of the policy is asked who may sign in: two factors and a membership decide. */
export const signInDecision = (...ruleIds: readonly string[]): Decision => notAsked("sign-in", ruleIds);

/** The tenants as trails; one that the registry does not have is left out. */
export async function trailsOf(registry: RegistryStore, tenantIds: readonly TenantId[]): Promise<TenantRow[]> {
  const rows = await registry.getMany(tenantIds.slice(0, 100).map(tenantKey));
  return rows.map((row) => parseRow(TenantRow, row) as TenantRow);
}

/** Every way in: takes what the factors came to, tells the clinic, and only then begins a session. */
export function createAdmit({ sessions, registry, audit, pause, wordsOf }: AdmitDeps) {
  /** A refusal of a user whom clinics know, in the trail of each. */
  async function tellRefusal(known: KnownLogin, door: Door, origin: RequestOrigin): Promise<void> {
    const operation: Operation = {
      interaction: "sign-in",
      // Who tried has shown neither to be this user nor to have a role.
      actor: { user: known.userId, kind: "user", roles: [], client: opaque(door.clientId), session: "none" },
      decision: signInDecision(known.reason),
    };
    try {
      const trails = await trailsOf(registry, known.tenantIds);
      await audit.recordFailures(
        trails.map((trail) => ({ trail, operation })),
        origin,
      );
    } catch (error) {
      const { requestId } = origin;
      log("error", "alarm", { failure: "audit-event-lost", userId: known.userId, requestId, ...describeError(error) });
    }
  }

  /**
   * Timing must not tell a known login from an unknown one, of which no clinic is told. So the event of a refusal is
   * written after the refusal was decided and beside a pause that every login gets: as long as writing takes less, both
   * answers leave after the same time. It takes more only while the outbox or STS is slow; that is nothing a guesser
   * can bring about, and after five tries the login is closed anyway. For the same reason a lost event is an alarm and
   * not a 503, which an unknown login would never be answered with: nothing is given to anybody by a refusal.
   */
  async function refuse(failure: SignInFailure, door: Door, origin: RequestOrigin): Promise<void> {
    // Nothing was looked at while the login is closed: the try that closed it is in the trail.
    const known = failure.kind === "throttled" ? undefined : failure.known;
    log("warn", "sign-in", {
      failure: failure.kind,
      requestId: origin.requestId,
      ...(known === undefined ? {} : { userId: known.userId }),
    });
    if (failure.kind === "throttled") return;
    await Promise.all([pause(REFUSAL_PAUSE_MS), known === undefined ? undefined : tellRefusal(known, door, origin)]);
  }

  /** A sign-in in a browser that held another session ends that one, in the trail of its clinic. */
  async function replacedTelling(replaced: SessionRow): Promise<Telling[]> {
    const { userId, tenantId, sessionId } = replaced;
    const operation: Operation = {
      interaction: "sign-out",
      actor: { user: userId, kind: "user", roles: [], client: "portal", session: sessionId },
      decision: notAsked("sign-out", ["signed-in-anew"]),
      entities: [{ type: "Session", id: sessionId }],
    };
    return (await trailsOf(registry, [tenantId])).map((trail) => ({ trail, operation }));
  }

  /** A clinic that is suspended, or whose keys are, lets nobody in; the answer is that of factors that were wrong. */
  async function isOpen(tenant: TenantRow, signedIn: SignedIn): Promise<boolean> {
    return tenant.status === "active" && (await openName(wordsOf(tenant, signedIn.userId), signedIn)).ok;
  }

  return async function admit(
    proven: Result<SignedIn, SignInFailure>,
    { door, purpose, purposeOf, onlyPurposeOf, device, replaced, isChoosing = false }: Arrival,
    origin: RequestOrigin,
  ): Promise<Result<Entered, EntryFailure>> {
    if (!proven.ok) {
      if (!(isChoosing && proven.error.kind === "tenant-required")) await refuse(proven.error, door, origin);
      return proven;
    }
    const { userId, tenantId, roles, by, passkeyId } = proven.value;
    const [trail] = await trailsOf(registry, [tenantId]);
    invariant(trail !== undefined, "a membership is of a tenant that the registry has");
    if (!(await isOpen(trail, proven.value))) {
      const closed: SignInFailure = {
        kind: "unauthenticated",
        known: { userId, tenantIds: [tenantId], reason: "clinic-closed" },
      };
      await refuse(closed, door, origin);
      return err(closed);
    }
    chargeTo(proven.value);
    const said = purposeOf === undefined || purposeOf === userId ? purpose : undefined;
    const declared = said ?? (await onlyPurposeOf?.(proven.value));
    const beginning = { purpose: declared, by, passkeyId, ...(device === undefined ? {} : { device }) };
    const opened = sessions.prepare(userId, tenantId, "aal2", door.kind, beginning);
    const { sessionId } = opened.session;
    const operation: Operation = {
      interaction: "sign-in",
      actor: { user: userId, kind: "user", roles: [...roles], client: opaque(door.clientId), session: sessionId },
      decision: signInDecision(by === "passkey" ? "passkey" : "two-factors"),
      entities: [{ type: "Session", id: sessionId }],
    };
    const tellings = [{ trail, operation }, ...(replaced === undefined ? [] : await replacedTelling(replaced))];
    const begun = await audit.perform(tellings, origin, () => sessions.begin(opened.session, replaced));
    return begun.ok ? ok({ ...proven.value, ...opened }) : err({ kind: "unavailable" });
  };
}

export type Admit = ReturnType<typeof createAdmit>;

/** Both doors' way in by password and code. */
export function createBeginSession({ signIn, ...deps }: BeginSessionDeps) {
  const admit = createAdmit(deps);
  return async function beginSession(
    request: SignInRequest,
    door: Door,
    origin: RequestOrigin,
    arrival: Omit<Arrival, "door" | "purpose"> = {},
  ): Promise<Result<Entered, EntryFailure>> {
    return admit(await signIn(request), { ...arrival, door, purpose: request.purpose }, origin);
  };
}

export type BeginSession = ReturnType<typeof createBeginSession>;
