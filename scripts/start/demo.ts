import { randomBytes } from "node:crypto";
import path from "node:path";
import type { TenantView } from "../../core/contract/index.ts";
import { clinicDay } from "../../core/schedule/clinic-time.ts";
import { Api, sentenceOf } from "../cli/api.ts";
import { CliFailure } from "../cli/failure.ts";
import { ImportJournal } from "../cli/import/journal.ts";
import { type ImportReport, runImport } from "../cli/import/run.ts";
import type { SourceFile } from "../cli/import/source.ts";
import { type Client, type Member, type Profile, writeProfile } from "../cli/profile.ts";
import { reasonHeaders } from "../cli/reason.ts";
import { clientToken, memberToken, newClientKey } from "../cli/sign-in.ts";
import { chartDocuments, type Whose } from "../seed/documents.ts";
import { type ClinicPlan, generateClinic, type Resource } from "../seed/index.ts";
import { latelyResources } from "../seed/lately.ts";
import { patientResources } from "../seed/patient.ts";
import { resultOf } from "../seed/results.ts";
import { vitalsOverMonths } from "../seed/vitals.ts";
import { dayResources, daysAround, visitTypeResources } from "../seed/week.ts";
import { Random, seededId } from "../seed/random.ts";
import { writeInbox } from "./inbox.ts";
import { type MemberSession, openMemberSession } from "./member-session.ts";
import { writeNotes, writeVisit } from "./notes.ts";
import { type DemoPerson, demoPeople, firstPatientId } from "./people.ts";
import { settleClinic } from "./settle.ts";
import { type ClinicState, DemoState, type StoryPart } from "./state.ts";
import { fileDocuments, takeCopy, writeConsents, writeThread } from "./story.ts";

const CLINICS = [
  { name: "Lakeside Family Practice", seed: "lakeside", prefix: "a", hasStory: true },
  { name: "Riverside Clinic", seed: "riverside", prefix: "b", hasStory: false },
] as const;
type DemoClinic = (typeof CLINICS)[number];

/** Why the synthetic clinics are made, for their own trails. */
const REASON = reasonHeaders({ reason: "onboarding" });

/** Of whoever starts the stage, so that its days are hers; a machine without one is taken to be in the east of the US. */
function ownTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === "UTC" || timeZone === "Etc/UTC" ? "America/New_York" : timeZone;
}

export const demoPatientId = firstPatientId("lakeside");

export interface Demo {
  readonly profile: Profile;
  /** Of one sign-in of this start: a code works once, and nobody waits for the next. */
  readonly tokenOf: (member: Member) => Promise<string>;
  /** Names by tenant id. */
  readonly clinics: ReadonlyMap<string, string>;
}

export interface DemoOptions {
  readonly folder: string;
  readonly patients: number;
  readonly say: (line: string) => void;
  readonly nowMs?: number;
  /** IANA; left out, that of this machine. */
  readonly timeZone?: string;
  /** Works off the exports that are approved: what the schedule would do within a minute. */
  readonly runExports: () => Promise<void>;
}

/**
 * Two synthetic clinics with members, charts, days and notes, made through the API like any others. What exists is kept:
 * a start that was broken off goes on, and a start on another day adds that day's appointments.
 */
export async function seedDemo(profile: Profile, options: DemoOptions): Promise<Demo> {
  let current = profile;
  const { publicUrl } = profile;
  const operator = new Api(publicUrl, () => clientToken(publicUrl, profile.operator, "platform"));
  const { tenants } = await operator.json<{ tenants: TenantView[] }>({ method: "GET", path: "/platform/tenants" });
  const state = new DemoState(options.folder);
  const names = new Map<string, string>();
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (member: Member): Promise<string> => {
    const known = tokens.get(member.login) ?? memberToken(publicUrl, member);
    tokens.set(member.login, known);
    return known;
  };
  const keep = (next: Profile): void => {
    current = next;
    writeProfile(current, path.join(options.folder, "profile.json"));
  };
  for (const clinic of CLINICS) {
    const tenant =
      tenants.find(({ name, status }) => name === clinic.name && status === "active") ??
      (await operator.json<TenantView>({
        method: "POST",
        path: "/platform/tenants",
        body: { name: clinic.name },
        headers: REASON,
      }));
    names.set(tenant.id, clinic.name);
    const known = state.clinic(tenant.id) ?? state.put(tenant.id, newState(options));
    for (const person of demoPeople({ seed: clinic.seed, today: known.historyDay })) {
      const isThere = current.members.some(({ tenantId, role }) => tenantId === tenant.id && role === person.role);
      if (isThere) continue;
      const added = await addMember(operator, tenant, `${clinic.prefix}.${person.suffix}`, person);
      keep({ ...current, members: [...current.members, added] });
    }
    const importer = current.importers[tenant.id] ?? (await addImporter(operator, tenant.id));
    keep({ ...current, importers: { ...current.importers, [tenant.id]: importer } });
    const members = current.members.filter(({ tenantId }) => tenantId === tenant.id);
    await fill({ clinic, tenantId: tenant.id, publicUrl, importer, members, state, tokenOf }, options);
  }
  return { profile: current, clinics: names, tokenOf };
}

function newState({ nowMs = Date.now(), timeZone = ownTimeZone() }: DemoOptions): ClinicState {
  return {
    historyDay: clinicDay(timeZone, nowMs),
    timeZone,
    days: {},
    isSettled: false,
    hasNotes: false,
    hasInbox: false,
    story: [],
  };
}

interface Filling {
  readonly clinic: DemoClinic;
  readonly tenantId: string;
  readonly publicUrl: string;
  readonly importer: Client;
  readonly members: readonly Member[];
  readonly state: DemoState;
  readonly tokenOf: Demo["tokenOf"];
}

/** Messages and tasks are about as many. */
const INBOX_PATIENTS = 3;

/** The clinic's charts, then its days, then what its own people do in it. */
async function fill(filling: Filling, options: DemoOptions): Promise<void> {
  const { folder, patients, say, nowMs = Date.now() } = options;
  const { clinic, tenantId, publicUrl, importer, members, state, tokenOf } = filling;
  const known = state.clinic(tenantId) ?? newState(options);
  const { timeZone } = known;
  const plan = { seed: clinic.seed, today: known.historyDay };
  const api = new Api(publicUrl, () => clientToken(publicUrl, importer, "system/*.cruds"));
  const journal = new ImportJournal(path.join(folder, "imports"), tenantId);
  const store = async (pieces: Iterable<readonly Resource[]>): Promise<ImportReport> => {
    const report = await runImport(sourceOf(clinic.seed, pieces), { api, tenantId, journal, concurrency: 2 });
    if (report.refused > 0) throw new Error(`the synthetic clinic was refused: ${JSON.stringify(report.refusals[0])}`);
    return report;
  };
  try {
    const report = await store(charts({ ...plan, timeZone }, patients));
    const member = (role: string): Member | undefined => members.find((one) => one.role === role);
    const [administrator, physician] = [member("clinic-administrator"), member("physician")];
    const by = (one: Member): Api => new Api(publicUrl, () => tokenOf(one));
    let now = known;
    const tell = async (part: StoryPart, work: () => Promise<void>): Promise<void> => {
      if (!clinic.hasStory || patients === 0 || now.story.includes(part)) return;
      await work();
      now = state.put(tenantId, { ...now, story: [...now.story, part] });
    };
    let office: MemberSession | undefined;
    if (!now.isSettled && administrator !== undefined) {
      office = await openMemberSession(publicUrl, administrator);
      await settleClinic(office, clinic.name, timeZone);
      now = state.put(tenantId, { ...now, isSettled: true });
    }
    const [nurse, desk, patient] = [member("nurse"), member("front-desk"), member("patient")];
    const chart = firstPatientId(clinic.seed);
    if (nurse) {
      // Before the copy: files that were made under another word of hers are destroyed.
      await tell("consents", () => writeConsents(by(nurse), chart, known.historyDay));
    }
    if (administrator && physician) {
      // While the administrator's factors are fresh: they open what they open for minutes.
      await tell("copy", async () => {
        const approver = office ?? (await openMemberSession(publicUrl, administrator));
        if (office === undefined) await approver.stepUp();
        await takeCopy(chart, { ...physician, api: by(physician) }, approver);
        await options.runExports();
      });
    }
    const missing = daysAround(timeZone, nowMs).filter((day) => now.days[day]?.isStored !== true);
    const planned = Object.fromEntries(missing.map((day) => [day, now.days[day] ?? { nowMs, isStored: false }]));
    now = state.put(tenantId, { ...now, days: { ...now.days, ...planned } });
    const dayOf = (day: string): Resource[] =>
      dayResources({ ...plan, timeZone, patients, nowMs: now.days[day]?.nowMs ?? nowMs }, day);
    const days = await store(missing.map(dayOf));
    const stored = Object.fromEntries(
      missing.map((day) => [day, { nowMs: planned[day]?.nowMs ?? nowMs, isStored: true }]),
    );
    now = state.put(tenantId, { ...now, days: { ...now.days, ...stored } });
    if (!now.hasNotes && physician !== undefined && patients > 0) {
      const own = Object.keys(now.days).toSorted().flatMap(dayOf);
      const encounters = visitsOf(own, demoPeople(plan).find(({ role }) => role === "physician")?.practitionerId ?? "");
      // Of the first patient more is written below.
      const others = encounters.filter(({ id }) => !clinic.hasStory || !id.startsWith(`${chart}.`));
      await writeNotes(by(physician), others);
      now = state.put(tenantId, { ...now, hasNotes: true });
    }
    if (physician && nurse && desk && patient) {
      await tell("documents", () => {
        const whose = whoseOf(plan, { physician, patient, clinic: clinic.name });
        return fileDocuments({ physician: by(physician), "front-desk": by(desk) }, chart, chartDocuments(whose));
      });
      await tell("visit", async () => {
        const isOwn = ({ resourceType, id }: Resource): boolean =>
          resourceType === "Encounter" && id.startsWith(`${chart}.`);
        const today = dayOf(clinicDay(timeZone, nowMs)).find(isOwn);
        const visit = today ?? latelyResources({ ...plan, timeZone }).findLast(isOwn);
        if (visit !== undefined) await writeVisit(by(physician), visit);
      });
      await tell("thread", async () => writeThread(await openMemberSession(publicUrl, patient), by(nurse)));
    }
    if (!now.hasInbox && physician && nurse && desk && patients >= INBOX_PATIENTS) {
      const patientOf = (index: number): string => seededId(clinic.seed, "patient", String(index));
      await writeInbox({
        physician: by(physician),
        nurse: by(nurse),
        desk: by(desk),
        patients: [patientOf(0), patientOf(1), patientOf(2)],
        today: clinicDay(timeZone, nowMs),
      });
      now = state.put(tenantId, { ...now, hasInbox: true });
    }
    const records = report.stored + report.present + days.stored + days.present;
    say(`${clinic.name}  ${tenantId}  ${report.patients} patients, ${records} records, ${timeZone}`);
  } finally {
    journal.close();
  }
}

/** Who is named in the documents of the first patient's chart. */
function whoseOf(
  plan: ClinicPlan,
  { physician, patient, clinic }: { readonly physician: Member; readonly patient: Member; readonly clinic: string },
): Whose {
  const [record] = patientResources(plan, 0);
  return {
    name: patient.displayName ?? patient.login,
    birthDate: String(record?.["birthDate"]),
    physician: physician.displayName ?? physician.login,
    clinic,
    today: plan.today,
  };
}

/** Patients of whom a result waits. */
const RESULTS = 3;

/**
 * Everything that is the same whenever one starts; of the first few monthly vitals too, and a result that waits for the
 * physician.
 */
function* charts(plan: ClinicPlan & { readonly timeZone: string }, patients: number): Generator<Resource[]> {
  const practitionerId = demoPeople(plan).find(({ role }) => role === "physician")?.practitionerId ?? "";
  let index = 0;
  for (const resources of generateClinic(plan, patients)) {
    if (index === 0) yield [...resources, ...visitTypeResources(plan)];
    else if (index > 6) yield [...resources];
    else {
      const patientId = seededId(plan.seed, "patient", String(index - 1));
      const ownId = (kind: string): string => `${patientId}.${seededId(plan.seed, "monthly", kind, String(index))}`;
      const random = new Random(`${plan.seed}/monthly/${index}`);
      const atMs = Date.parse(plan.today);
      // Of the day before: this one has hardly begun, and further east it is midnight in UTC only in the afternoon.
      const resultMs = atMs - 86_400_000;
      const result = index > RESULTS ? [] : resultOf(index - 1, { patientId, practitionerId, atMs: resultMs, ownId });
      yield [
        ...resources,
        ...vitalsOverMonths(random, 8, { patientId, atMs, ownId }),
        ...result,
        ...(index === 1 ? latelyResources(plan) : []),
      ];
    }
    index += 1;
  }
}

async function* sourceOf(seed: string, pieces: Iterable<readonly Resource[]>): AsyncGenerator<SourceFile> {
  let index = 0;
  for (const resources of pieces) {
    const bundle = { resourceType: "Bundle", type: "collection", entry: resources.map((resource) => ({ resource })) };
    index += 1;
    yield await Promise.resolve({ name: `${seed}-${index}`, text: JSON.stringify(bundle) });
  }
}

/** The visits of one practitioner that have begun, in the order of time. */
function visitsOf(resources: readonly Resource[], practitionerId: string): Resource[] {
  const startOf = (one: Resource): string => String((one["period"] as { readonly start?: string } | undefined)?.start);
  return resources
    .filter(({ resourceType }) => resourceType === "Encounter")
    .filter((one) => JSON.stringify(one["participant"]).includes(`Practitioner/${practitionerId}`))
    .toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
}

const MOST_LOGINS = 10;

/** A login that is taken belongs to a start that broke off before it kept the member's secrets: the next one is free. */
export async function addMember(
  operator: Api,
  tenant: Pick<TenantView, "id">,
  login: string,
  person: DemoPerson,
  number = 1,
): Promise<Member> {
  const numbered = number === 1 ? login : `${login}${number}`;
  const password = randomBytes(12).toString("base64url");
  const { role, displayName, patientId, practitionerId } = person;
  const answer = await operator.call({
    method: "POST",
    path: `/platform/tenants/${tenant.id}/users`,
    headers: REASON,
    body: {
      login: numbered,
      displayName,
      roles: [role],
      password,
      ...(patientId !== undefined && { patientId }),
      ...(practitionerId !== undefined && { practitionerId }),
    },
  });
  if (answer.status === 412 && number < MOST_LOGINS) return addMember(operator, tenant, login, person, number + 1);
  if (answer.status !== 201) throw new CliFailure(`a synthetic member was refused: ${sentenceOf(answer)}`);
  const { userId, totpSecret } = JSON.parse(answer.text) as { readonly userId: string; readonly totpSecret: string };
  return { login: numbered, password, totpSecret, tenantId: tenant.id, role, userId, displayName };
}

async function addImporter(operator: Api, tenantId: string): Promise<Client> {
  const key = newClientKey();
  const { clientId } = await operator.json<{ clientId: string }>({
    method: "POST",
    path: `/platform/tenants/${tenantId}/clients`,
    headers: REASON,
    body: { name: "keyward import", roles: ["integration"], purpose: "HOPERAT", jwks: { keys: [key.publicJwk] } },
  });
  return { clientId, privateJwk: key.privateJwk };
}
