import { hasPatientHome, patientOfId, type ResourceType } from "../../core/fhir/index.ts";
import { RECORD_CLASSES, type RecordClass } from "../../core/kernel/data-class.ts";
import { invariant } from "../../core/kernel/invariant.ts";
import { ok, type Result } from "../../core/kernel/result.ts";
import {
  authorize,
  authorizeAtBest,
  type AuthorizeOptions,
  type Circumstances,
  type Demand,
  type Grant,
  grantForRefusal,
  purposeOf,
  type Refusal,
} from "../../core/policy/index.ts";
import type { PrivacyFailure } from "../../core/privacy/index.ts";
import type { Privacy, RecordEvent, RecordFailure, RecordInteraction, Records } from "../../core/record/index.ts";
import { parseRecordId } from "../../core/table/index.ts";
import type { Exchange } from "../http/exchange.ts";
import { failRefused } from "../http/refusal.ts";
import { isInScope } from "../http/scope.ts";
import { fail, type Failure } from "../http/failure.ts";
import { ON_BEHALF_OF } from "../runtime/delegation.ts";
import type { PatientReader, PatientScopes, PatientStanding } from "../runtime/patient-scope.ts";
import { must } from "./failures.ts";

/** Of a zone whose requests work on records. */
export interface RecordSessionsDeps {
  readonly patientScopes: PatientScopes;
  readonly recordsOf: (exchange: Exchange, grant: Grant, privacy: Privacy) => Records;
  /** Writes the event of a request that reaches no record; false where that cannot be done. */
  readonly recordAlone: (exchange: Exchange, grant: Grant, event: RecordEvent) => Promise<boolean>;
}

/** What one request may do, and where its records are. */
export interface Session {
  readonly grant: Grant;
  readonly records: Records;
}

/** What a request is about before policy says whether it may. */
interface Asked {
  readonly interaction: RecordInteraction;
  readonly demands: readonly Demand[];
  readonly options: AuthorizeOptions;
}

const WRITES: ReadonlySet<string> = new Set(["create", "update", "delete", "contribute", "amend"]);
const MAX_PATIENTS = 100;

/**
 * Asks policy for everything that the request wants to do, and opens the grant's scope. Policy is asked first in the best
 * of circumstances, so that a role which never may learns nothing and reads nothing; then the circumstances of every
 * patient whom the request names are read, in this request, and it is asked again. A refusal is written into the
 * tenant's audit trail before it is answered.
 * @param about A record whose id may not tell its patient.
 */
export const createRecordSessions = (deps: RecordSessionsDeps) =>
  async function authorizeRecords(
    exchange: Exchange,
    interaction: RecordInteraction,
    demands: readonly Demand[],
    about?: { readonly type: ResourceType; readonly id: string },
  ): Promise<Session> {
    const { identity } = exchange;
    invariant(identity !== undefined, "a route on records has an identity");
    const { principal, privacy, tenantEpoch } = identity;
    const options: AuthorizeOptions = {
      purpose: exchange.headers["x-purpose-of-use"],
      isInScope: isInScope(exchange),
      isPrivacyOfficer: privacy.privacyOfficers.includes(principal.userId),
      isGated: identity.isGated === true,
    };
    const asked: Asked = { interaction, demands, options };
    const purpose = purposeOf(principal, options.purpose);
    if (!purpose.ok) return refuse(deps, exchange, asked, purpose.error);
    // One by one: what would be best for a patient is no help to a demand that names none.
    // A client's own id names no patient before its locator was read: it must not refuse whoever may reach one patient.
    const atBest = { ...options, isPatientUnknown: about !== undefined };
    const best = demands.map((demand) => authorizeAtBest(principal, [demand], atBest)).find(({ ok }) => !ok);
    if (best?.ok === false) return refuse(deps, exchange, asked, best.error);
    const action = demands.some((demand) => WRITES.has(demand.action)) ? "collect" : "access";
    const onBehalfOf = exchange.headers[ON_BEHALF_OF];
    const patients = deps.patientScopes.open({
      principal,
      tenantEpoch,
      privacy,
      purpose: purpose.value,
      action,
      onBehalfOf,
    });
    const located = about && mustRead(await locate(patients, about));
    const placed = demands.map((demand) => ({ ...demand, patientId: located ?? parseRecordId(demand.patientId) }));
    const standings = await standingsOf(patients, placed, about);
    const granted = authorize(principal, placed, {
      ...options,
      circumstances: circumstancesGiven(patients, placed, standings),
    });
    if (!granted.ok) {
      await recordRefused(deps, exchange, { ...asked, demands: placed }, granted.error);
      // Whoever knows no more than an id of somebody's own must not learn from a refusal that it is one; and a patient not
      // that it is none: what waits for her is not there either.
      const isNobodys = about !== undefined && placed.every(({ patientId }) => patientId === undefined);
      const isBlind = located !== undefined || (isNobodys && purpose.value === "PATRQT");
      return granted.error.kind === "forbidden" && isBlind ? fail({ kind: "not-found" }) : failRefused(granted.error);
    }
    const grant = granted.value;
    const judge = judgeOf(patients, (patientId, circumstances) => {
      const own = demandsAbout(placed, patientId);
      const classes = own.flatMap((demand) => {
        const one = authorize(principal, [demand], { ...options, circumstances });
        return one.ok ? one.value.classes : [];
      });
      return RECORD_CLASSES.filter((recordClass) => classes.includes(recordClass));
    });
    const known = [...standings.values()].map(({ protection }) => protection);
    return {
      grant,
      records: deps.recordsOf(exchange, grant, { rows: patients.rows, known, judge, release: patients.release }),
    };
  };

export type AuthorizeRecords = ReturnType<typeof createRecordSessions>;

type Standings = ReadonlyMap<string, PatientStanding>;

const judgeOf =
  (patients: PatientReader, classesOf: (patientId: string, circumstances: Circumstances) => Grant["classes"]) =>
  async (...[protection, options]: Parameters<Privacy["judge"]>): ReturnType<Privacy["judge"]> => {
    const standing = await patients.of(protection, options);
    if (!standing.ok) return standing;
    const { circumstances, ruling } = standing.value;
    return ok({ ruling, classes: classesOf(protection.patientId, circumstances) as readonly RecordClass[] });
  };

/** The demands as they are about one patient: those that name her or nobody, and where there is none, all of them. */
function demandsAbout(demands: readonly Demand[], patientId: string): readonly Demand[] {
  const own = demands.filter((demand) => demand.patientId === undefined || demand.patientId === patientId);
  const about = (own.length === 0 ? demands : own).map((demand) => ({ ...demand, patientId }));
  return [
    ...new Map(about.map((demand) => [JSON.stringify([demand.action, demand.type, demand.classes]), demand])).values(),
  ];
}

const mustRead = <T>(result: Result<T, PrivacyFailure>): T =>
  result.ok ? result.value : fail(privacyProblem(result.error));

const privacyProblem = ({ kind }: PrivacyFailure): Failure => {
  if (kind === "integrity") return { kind: "exception" };
  if (kind === "throttled") return { kind: "throttled", retryAfterMs: 1000 };
  return kind === "suspended" ? { kind: "forbidden" } : { kind: "unavailable" };
};

/** The patient whom only a locator names. */
const locate = (patients: PatientReader, { type, id }: { readonly type: ResourceType; readonly id: string }) =>
  patientOfId(id) === undefined ? patients.locate(type, id) : Promise.resolve(ok(undefined));

/**
 * Of each patient whom the request names. Where an id names none and none was found, the protection of the id itself is
 * read as if it were a patient's: what is hidden costs the same calls as what is not there.
 */
async function standingsOf(
  patients: PatientReader,
  demands: readonly Demand[],
  about: { readonly type: ResourceType; readonly id: string } | undefined,
): Promise<Standings> {
  const named = demands.flatMap(({ patientId }) => parseRecordId(patientId) ?? []);
  const isNobody = named.length === 0 && about !== undefined && hasPatientHome(about.type);
  const ids = [...new Set(isNobody ? [parseRecordId(about.id)] : named)].flatMap((id) => id ?? []);
  if (ids.length > MAX_PATIENTS) return fail({ kind: "structure", rule: "bundle-size" });
  const standings = new Map<string, PatientStanding>();
  for (const id of ids) standings.set(id, mustRead(await patients.standing(id)));
  return standings;
}

function circumstancesGiven(
  patients: PatientReader,
  demands: readonly Demand[],
  standings: Standings,
): Circumstances | ReadonlyMap<string, Circumstances> {
  const isNamed = demands.some(({ patientId }) => patientId !== undefined);
  if (!isNamed) return patients.bulk;
  return new Map([...standings].map(([id, { circumstances }]) => [id, circumstances]));
}

/** Writes the refusal into the tenant's trail; `unavailable` where that cannot be done. */
async function recordRefused(
  { recordAlone }: RecordSessionsDeps,
  exchange: Exchange,
  { interaction, demands }: Asked,
  refusal: Refusal,
): Promise<void> {
  const { identity } = exchange;
  invariant(identity !== undefined, "a route on records has an identity");
  const types = [...new Set(demands.map(({ type }) => type))].slice(0, 50);
  // A search can name anything as its patient: an event holds ids alone.
  const patientId = parseRecordId(demands.find((demand) => demand.patientId !== undefined)?.patientId);
  const isRecorded = await recordAlone(exchange, grantForRefusal(identity.principal, refusal), {
    interaction,
    outcome: "denied",
    entities: types.map((type) => ({ type })),
    classes: [],
    ...(patientId === undefined ? {} : { patientId }),
  });
  if (!isRecorded) fail({ kind: "unavailable" });
}

async function refuse(deps: RecordSessionsDeps, exchange: Exchange, asked: Asked, refusal: Refusal): Promise<never> {
  await recordRefused(deps, exchange, asked, refusal);
  return failRefused(refusal);
}

/**
 * Does a request that reads. Where a consent or a hold changed while it ran, nothing of it has left:
 * it is begun again once, under what is so now, and refused if that changes too.
 */
export async function reading<T>(
  open: () => Promise<Session>,
  work: (session: Session) => Promise<Result<T, RecordFailure>>,
): Promise<T> {
  const first = await work(await open());
  const hasChanged = !first.ok && first.error.kind === "conflict" && first.error.reason === "decision";
  return must(hasChanged ? await work(await open()) : first);
}
