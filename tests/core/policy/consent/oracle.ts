import type { Inquiry, RecordFacts } from "../../../../core/policy/consent/index.ts";
import { CLINIC } from "./fixtures.ts";

/**
 * The rules of core/policy/consent/README.md a second time, as slowly and as literally as they can be written, over the
 * FHIR elements themselves. It knows what its generator makes and no more: no unknown facts, labels without families.
 */

export interface Provision {
  readonly type?: "permit" | "deny";
  readonly period?: { readonly start?: string; readonly end?: string };
  readonly actor?: readonly {
    readonly reference: { readonly reference?: string; readonly identifier?: { readonly value: string } };
  }[];
  readonly action?: readonly { readonly coding: readonly { readonly code: string }[] }[];
  readonly purpose?: readonly { readonly code: string }[];
  readonly class?: readonly { readonly code: string }[];
  readonly securityLabel?: readonly { readonly code: string }[];
  readonly provision?: readonly Provision[];
}

export interface OracleConsent {
  readonly status: string;
  readonly rule: "OPTIN" | "OPTOUT" | "hipaa-auth";
  readonly provision: Provision;
}

type Path = readonly Provision[];

/** Every provision with all those around it, the outermost first. */
function paths(consent: OracleConsent): Path[] {
  const walk = (provision: Provision, above: Path): Path[] => {
    const here = [...above, provision];
    return [here, ...(provision.provision ?? []).flatMap((inner) => walk(inner, here))];
  };
  const base = consent.rule === "OPTIN" ? "permit" : "deny";
  if (consent.rule === "hipaa-auth") return walk(consent.provision, []);
  if (consent.provision.type === undefined) return walk({ ...consent.provision, type: base }, []);
  const period = consent.provision.period;
  return walk({ type: base, ...(period && { period }), provision: [consent.provision] }, []);
}

const DAY_MS = 86_400_000;

function rankOfActor(one: NonNullable<Provision["actor"]>[number], asks: Inquiry): number {
  const name = one.reference.reference ?? one.reference.identifier?.value ?? "";
  if (name === `Practitioner/${asks.practitionerId}` || name === asks.userId) return 3;
  if (asks.roles.includes(name)) return 2;
  return name === `Organization/${CLINIC}` ? 1 : 0;
}

/** The rank of each element that the provision has, or undefined where it is not about this. */
function ranks(
  provision: Provision,
  asks: Inquiry,
  record: RecordFacts,
  label: string | undefined,
): number[] | undefined {
  const { period, actor, action, purpose, class: kinds, securityLabel } = provision;
  if (period?.start !== undefined && asks.nowMs < Date.parse(period.start)) return undefined;
  if (period?.end !== undefined && asks.nowMs >= Date.parse(period.end) + DAY_MS) return undefined;
  const who = actor ? Math.max(...actor.map((one) => rankOfActor(one, asks))) : -1;
  if (who === 0) return undefined;
  const verbs: Readonly<Record<string, string>> = { use: "access", correct: "collect" };
  const actions = action?.flatMap(({ coding }) => coding.map(({ code }) => verbs[code] ?? code));
  if (actions && !actions.includes(asks.action)) return undefined;
  const reasons = purpose?.map(({ code }) => code);
  if (reasons && !reasons.includes(asks.purpose)) return undefined;
  const codes = kinds?.map(({ code }) => code);
  const what = codes ? (codes.includes(record.type) ? 2 : codes.includes(record.dataClass) ? 1 : 0) : -1;
  if (what === 0) return undefined;
  if (securityLabel && !securityLabel.some(({ code }) => code === label)) return undefined;
  return [Math.max(who, 0), actions ? 1 : 0, reasons ? 1 : 0, Math.max(what, 0), securityLabel ? 1 : 0];
}

interface Said {
  readonly type: "permit" | "deny";
  readonly ranks: readonly number[];
}

function said(consent: OracleConsent, asks: Inquiry, record: RecordFacts, label: string | undefined): Said[] {
  const all = paths(consent).flatMap((path) => {
    const each = path.map((provision) => ranks(provision, asks, record, label));
    if (each.includes(undefined)) return [];
    const widest = [0, 1, 2, 3, 4].map((index) => Math.max(...each.map((own) => own?.[index] ?? 0)));
    return [{ path, type: path.at(-1)?.type, ranks: widest }];
  });
  return all.flatMap(({ path, type, ranks: own }) => {
    const hasException = all.some(
      (other) => other.path.length > path.length && path.every((part, i) => other.path[i] === part),
    );
    return type === undefined || hasException ? [] : [{ type, ranks: own }];
  });
}

const isNarrower = (left: readonly number[], right: readonly number[]): boolean =>
  left.every((rank, index) => rank >= (right[index] ?? 0)) && left.some((rank, index) => rank > (right[index] ?? 0));

export function mayLeave(consents: readonly OracleConsent[], asks: Inquiry, record: RecordFacts): boolean {
  const labels = record.labels.length === 0 ? [undefined] : record.labels;
  return labels.every((label) => {
    const words = consents.filter(({ status }) => status === "active").flatMap((one) => said(one, asks, record, label));
    const permits = words.filter(({ type }) => type === "permit");
    const denials = words.filter(({ type }) => type === "deny");
    const standing = denials.filter((denial) => !permits.some((permit) => isNarrower(permit.ranks, denial.ranks)));
    if (standing.length > 0) return false;
    return permits.length > 0 || (record.dataClass !== "S" && label === undefined);
  });
}
