import type { PrivacySettings } from "../../core/contract/index.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { Clock } from "../../core/kernel/clock.ts";
import { err, ok, type Result } from "../../core/kernel/result.ts";
import type { ResourceType } from "../../core/fhir/index.ts";
import type { ConsentAction, ConsentRuling } from "../../core/policy/consent/index.ts";
import { type Circumstances, grantForClinic, NEUTRAL, notAsked, type Purpose } from "../../core/policy/index.ts";
import {
  activeBreakGlass,
  circumstancesOf,
  duplicatesOf,
  type OnPrivacyAlarm,
  type PrivacyDeps,
  type PrivacyFailure,
  type Protection,
  readProtection,
  relationship as treatmentRelationship,
  survivorOf,
} from "../../core/privacy/index.ts";
import { locatePatient, type Release } from "../../core/record/index.ts";
import type { RegistryStore } from "../../core/tenant/registry-store.ts";
import { delegatedTo } from "./delegation.ts";
import { releaseNow } from "./release.ts";
import type { createTenantScopes } from "./tenant-scope.ts";

type TenantScopes = ReturnType<typeof createTenantScopes>;

export interface PatientScopesDeps {
  readonly scopes: TenantScopes;
  /** What a clinician who delegated may do now is the registry's to say. */
  readonly registry: RegistryStore;
  readonly clock: Clock;
  readonly onAlarm: OnPrivacyAlarm;
}

/** Who asks, for what, and what the clinic's settings say. */
export interface Asker {
  readonly principal: Principal;
  readonly tenantEpoch: number;
  readonly privacy: PrivacySettings;
  readonly purpose: Purpose;
  /** `access` for what is read, `collect` for what is written, `disclose` for what leaves to another organization. */
  readonly action: ConsentAction;
  /** For whom an assistant says that it acts: the `x-on-behalf-of` header. */
  readonly onBehalfOf?: string | undefined;
}

/** Between the asker and one patient, as it is in this request. */
export interface PatientStanding {
  readonly protection: Protection;
  readonly circumstances: Circumstances;
  readonly ruling: ConsentRuling;
}

/**
 * What one request reads of patients before it may read their records: with class D's credentials, strongly consistent,
 * each patient once, and never kept for another request (POL-14).
 */
export interface PatientReader {
  /** The rows of core/privacy, in the same scope. */
  readonly rows: PrivacyDeps;
  /** In whose compartment the record with an id of a client's own lives; undefined where nobody knows. */
  locate(type: ResourceType, id: string): Promise<Result<string | undefined, PrivacyFailure>>;
  standing(patientId: string): Promise<Result<PatientStanding, PrivacyFailure>>;
  /**
   * The standing that follows from a protection which was read. `isListed` where she is one of a list of patients: then
   * nobody asks whether she is treated by the asker, which only matters for what is clinical.
   */
  of(
    protection: Protection,
    options?: { readonly isListed?: boolean },
  ): Promise<Result<PatientStanding, PrivacyFailure>>;
  /** Of a request that names no patient: nothing that permits. */
  readonly bulk: Circumstances;
  /** What the clinic shows to a patient herself now. */
  readonly release: () => Promise<Result<Release, PrivacyFailure>>;
}

export function createPatientScopes({ scopes, registry, clock, onAlarm }: PatientScopesDeps) {
  function rowsFor(asker: Asker, classes: readonly ("C" | "D")[]): PrivacyDeps {
    const { principal, purpose, tenantEpoch } = asker;
    // Reading what policy needs is no access to a record: it reaches no further than the rows that policy is told of.
    const grant = { ...grantForClinic(principal, notAsked("circumstances"), purpose), classes };
    const { table, keyScope } = scopes.open(grant, tenantEpoch);
    return { table, keyring: scopes.keyring, keyScope, tenantId: principal.tenantId, clock, onAlarm };
  }

  async function relationshipOf(
    asker: Asker,
    patientId: string,
    practitionerId: string | undefined,
    isListed: boolean,
  ): Promise<Result<Circumstances["relationship"], PrivacyFailure>> {
    if (asker.privacy.relationship === "open") return ok("open");
    if (asker.purpose !== "TREAT" || isListed || practitionerId === undefined) return ok("absent");
    // Who treats whom stands in care teams and encounters, which are of class C.
    return treatmentRelationship(rowsFor(asker, ["C", "D"]), patientId, practitionerId);
  }

  return {
    open(asker: Asker): PatientReader {
      const { principal, purpose, privacy } = asker;
      // Whatever another clinic's system is shown leaves this one: no route has to think of it.
      const isPartner = principal.roles.includes("referral-partner");
      const action = isPartner ? "disclose" : asker.action;
      const rows = rowsFor(asker, ["D"]);
      const known = new Map<string, Promise<Result<PatientStanding, PrivacyFailure>>>();

      const judged = new WeakMap<Protection, Promise<Result<PatientStanding, PrivacyFailure>>>();

      async function judge(
        protection: Protection,
        isListed: boolean,
      ): Promise<Result<PatientStanding, PrivacyFailure>> {
        const { patientId } = protection;
        // Of merged charts the survivor's is the one that people open: what is given for it reaches the duplicates.
        const survivorId = survivorOf(protection);
        let emergency: Awaited<ReturnType<typeof activeBreakGlass>> = ok(undefined);
        for (const id of [patientId, ...(survivorId === undefined ? [] : [survivorId])]) {
          if (purpose !== "ETREAT" || isListed || (emergency.ok && emergency.value !== undefined)) break;
          emergency = await activeBreakGlass(rows, principal.userId, id);
          if (!emergency.ok) return emergency;
        }
        const about = { patientId: survivorId ?? patientId, purpose };
        const delegation = await delegatedTo(principal, asker.onBehalfOf, about, { registry, privacy: rows });
        if (!delegation.ok) return delegation;
        const practitionerId = delegation.value?.practitionerId ?? principal.practitionerId;
        const charts = [patientId, ...(survivorId === undefined ? duplicatesOf(protection) : [survivorId])];
        let relationship = await relationshipOf(asker, patientId, practitionerId, isListed);
        for (const id of charts.slice(1)) {
          if (!relationship.ok || relationship.value !== "absent") break;
          relationship = await relationshipOf(asker, id, practitionerId, isListed);
        }
        if (!relationship.ok) return relationship;
        const standing = circumstancesOf(protection, principal, {
          purpose,
          action,
          nowMs: clock.now(),
          relationship: relationship.value,
          emergency: emergency.value,
          delegation: delegation.value,
          ...(isPartner && { onBehalfOf: principal.clientId }),
        });
        return ok({ protection, ...standing });
      }

      /** Policy asks before the records do: what it asked of the same protection is not read again. */
      function of(protection: Protection, { isListed = false } = {}): ReturnType<PatientReader["of"]> {
        if (isListed) return judge(protection, true);
        const judging = judged.get(protection) ?? judge(protection, false);
        judged.set(protection, judging);
        return judging;
      }

      async function read(patientId: string): Promise<Result<PatientStanding, PrivacyFailure>> {
        const protection = await readProtection(rows, patientId);
        return protection.ok ? of(protection.value) : err(protection.error);
      }

      return {
        rows,
        of,
        release: () => releaseNow(rows, registry),
        locate: (type, id) => locatePatient(rows, type, id),
        standing(patientId) {
          const reading = known.get(patientId) ?? read(patientId);
          known.set(patientId, reading);
          return reading;
        },
        bulk: { ...NEUTRAL, relationship: privacy.relationship === "open" ? "open" : "absent" },
      };
    },
  };
}

export type PatientScopes = ReturnType<typeof createPatientScopes>;
