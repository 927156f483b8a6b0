import type { PeopleAct, PeopleRule, PersonState } from "../contract/admin-people.ts";
import { ENROLMENT_CODE_TTL_MS } from "../contract/admin-people.ts";
import type { Clock } from "../kernel/clock.ts";
import type { TenantId } from "../kernel/ids.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { AccountRow, FactorsRow, LastSignInRow, RosterRow, SignInRow } from "./account-rows.ts";
import { accountRow, membershipRow } from "./member-rows.ts";
import { ADMINISTRATOR, judge, type Subject } from "./people-rules.ts";
import { loginPlace, namePlace, type SealWord } from "./person-words.ts";
import type { RegistryChange, RegistryRow, RegistryStore } from "./registry-store.ts";
import {
  accountsPartition,
  enrolmentIndex,
  MembershipRow,
  parseRow,
  peoplePartition,
  rosterKey,
  signInsPartition,
} from "./rows.ts";

/** Somebody who belongs to a clinic, with all that the clinic knows of the account. */
export interface Person {
  readonly member: MembershipRow;
  readonly account?: AccountRow;
  readonly factors?: FactorsRow;
  readonly lastSignIn?: LastSignInRow;
  /** Newest first; also what has ended, as long as its row stands. */
  readonly signIns: readonly SignInRow[];
}

export type PeopleFailure =
  /** Nobody of this clinic's staff: an id of another clinic and one that never was are the same. */
  | { readonly kind: "not-found" }
  /** The person is not as whoever asks has seen her. */
  | { readonly kind: "version-conflict" }
  | { readonly kind: "business-rule"; readonly rule: PeopleRule }
  /** Whoever asks is no administrator any more. */
  | { readonly kind: "forbidden" }
  | { readonly kind: "conflict" };

/** Others changed the clinic's people at the same moment, each time. */
const TRIES = 4;

export const isAdministrating = (person: Person): boolean =>
  person.member.status === "active" && person.member.roles.includes(ADMINISTRATOR) && isEnrolled(person);

/** Whether what she signs in with is what she was last asked to make. */
function isEnrolled({ member: { enrolSinceMs }, factors }: Person): boolean {
  return enrolSinceMs === undefined || (factors?.enrolledAtMs ?? 0) >= enrolSinceMs;
}

export function stateOf(person: Person, nowMs: number): PersonState {
  if (person.member.status !== "active") return "ended";
  if (isEnrolled(person)) return "active";
  return (person.account?.codeExpiresAtMs ?? 0) > nowMs ? "invited" : "lapsed";
}

/** Staff: patients' own accounts are no people of the clinic, and their names are patients'. */
const isStaff = ({ roles }: MembershipRow): boolean => roles.some((role) => role !== "patient");

export function subjectOf(
  person: Person,
  actorId: string,
  all: readonly Person[],
  nowMs: number,
): Omit<Subject, "isElsewhere"> {
  const { member } = person;
  const others = all.filter((other) => other.member.userId !== member.userId && isAdministrating(other));
  return {
    isSelf: member.userId === actorId,
    state: stateOf(person, nowMs),
    roles: member.roles,
    isLastAdministrator: isAdministrating(person) && others.length === 0,
  };
}

interface Whole {
  readonly people: readonly Person[];
  /** Revision of the roster: 0 where nobody has changed anything yet. */
  readonly rev: number;
}

/** What an act makes of the rows that it is done to. */
interface Edit {
  readonly member: MembershipRow;
  readonly account?: AccountRow;
}

/** A clinic's people. @param store Reaches this clinic's partitions and no other's: IAM sees to it, and not this code. */
export function createPeople(store: RegistryStore, clock: Clock, tenantId: TenantId, seal: SealWord) {
  async function readWhole(): Promise<Whole> {
    const [partition, accounts, told] = await Promise.all([
      store.query(peoplePartition(tenantId)),
      store.query(accountsPartition(tenantId)),
      store.query(signInsPartition(tenantId)),
    ]);
    const byUser = <T extends { readonly userId: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
      new Map(rows.map((row) => [row.userId, row]));
    const of = <T>(rows: readonly RegistryRow[], prefix: string, parse: (row: RegistryRow) => T): T[] =>
      rows.filter(({ sk }) => sk.startsWith(prefix)).map(parse);
    const known = byUser(of(accounts, "A#", (row) => parseRow(AccountRow, row)));
    const factors = byUser(of(told, "F#", (row) => parseRow(FactorsRow, row)));
    const last = byUser(of(told, "L#", (row) => parseRow(LastSignInRow, row)));
    const signIns = Map.groupBy(
      of(told, "S#", (row) => parseRow(SignInRow, row)),
      ({ userId }) => userId,
    );
    const systems = new Set(of(partition, "C#", ({ sk }) => sk.slice("C#".length)));
    const people = of(partition, "M#", (row) => parseRow(MembershipRow, row))
      .filter((member) => isStaff(member) && !systems.has(member.userId))
      .map((member): Person => {
        const { userId } = member;
        const [account, own, before] = [known.get(userId), factors.get(userId), last.get(userId)];
        return {
          member,
          ...(account !== undefined && { account }),
          ...(own !== undefined && { factors: own }),
          ...(before !== undefined && { lastSignIn: before }),
          signIns: (signIns.get(userId) ?? []).toSorted((left, right) => right.sinceMs - left.sinceMs),
        };
      });
    const roster = partition.find(({ sk }) => sk === rosterKey(tenantId).sk);
    return { people, rev: roster === undefined ? 0 : parseRow(RosterRow, roster).rev };
  }

  const find = ({ people }: Whole, userId: string): Person | undefined =>
    people.find(({ member }) => member.userId === userId);

  /** Of two changes at once one begins again, so that each is judged by what the other left. */
  function rosterChange(rev: number): RegistryChange {
    const row = { ...rosterKey(tenantId), rev: rev + 1 };
    return rev === 0 ? { kind: "create", row } : { kind: "replace", row, rev };
  }

  const replaced = <T extends { readonly rev: number }>(row: T): RegistryChange => ({
    kind: "replace",
    row: { ...row, rev: row.rev + 1 } as unknown as RegistryRow,
    rev: row.rev,
  });

  return {
    async list(): Promise<readonly Person[]> {
      return (await readWhole()).people;
    },

    /**
     * Does an act over the person as she was seen. Rules are asked of rows that are read for it, and the write stands on
     * all of them: who asks has to be an administrator still.
     * @param seenRev What `If-Match` said; undefined where the act stands on no version.
     */
    async act(
      asked: {
        readonly act: PeopleAct;
        readonly actorId: string;
        readonly userId: string;
        readonly seenRev?: number;
        readonly isElsewhere?: boolean;
        readonly wanted?: readonly string[];
      },
      edit: (person: Person, nowMs: number) => Edit,
    ): Promise<Result<{ readonly before: Person; readonly after: Edit }, PeopleFailure>> {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const whole = await readWhole();
        const nowMs = clock.now();
        const person = find(whole, asked.userId);
        if (person === undefined) return err({ kind: "not-found" });
        const actor = find(whole, asked.actorId);
        if (actor === undefined || !isAdministrating(actor)) return err({ kind: "forbidden" });
        if (asked.seenRev !== undefined && asked.seenRev !== person.member.rev)
          return err({ kind: "version-conflict" });
        const { wanted } = asked;
        // An account that the clinic knows no login of is another clinic's.
        const isElsewhere = asked.isElsewhere === true || person.account === undefined;
        const subject = {
          ...subjectOf(person, asked.actorId, whole.people, nowMs),
          isElsewhere,
          ...(wanted && { wanted }),
        };
        const judged = judge(asked.act, subject);
        if (!judged.ok) return err({ kind: "business-rule", rule: judged.error.rule });
        const after = edit(person, nowMs);
        const changes = [replaced(after.member), rosterChange(whole.rev)];
        if (after.account !== undefined) changes.push(replaced(after.account));
        if ((await store.write(changes)).ok) return ok({ before: person, after });
      }
      return err({ kind: "conflict" });
    },

    /** Makes a membership and an account that nobody can sign in to until the code was used. */
    async invite(
      actorId: string,
      userId: string,
      asked: {
        readonly displayName: string;
        readonly login: string;
        readonly roles: readonly string[];
        readonly practitionerId?: string | undefined;
      },
      codeDigest: string,
    ): Promise<Result<{ readonly expiresAtMs: number }, PeopleFailure>> {
      const nameSealed = await seal(asked.displayName, namePlace(userId, tenantId));
      const loginSealed = await seal(asked.login, loginPlace(userId, tenantId));
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const whole = await readWhole();
        const actor = find(whole, actorId);
        if (actor === undefined || !isAdministrating(actor)) return err({ kind: "forbidden" });
        const nowMs = clock.now();
        const member = {
          ...membershipRow(userId, tenantId, asked.roles, { ...asked, nameSealed }),
          enrolSinceMs: nowMs,
        };
        const account = {
          ...accountRow({ userId, tenantId, loginSealed, createdAtMs: nowMs }),
          ...codeOf(codeDigest, "invite", userId, nowMs),
        };
        const written = await store.write([
          { kind: "create", row: member },
          { kind: "create", row: account },
          rosterChange(whole.rev),
        ]);
        if (written.ok) return ok({ expiresAtMs: nowMs + ENROLMENT_CODE_TTL_MS });
      }
      return err({ kind: "conflict" });
    },
  };
}

/** The newest code of an account takes the place of every code before it. */
const codeOf = (digest: string, codeFor: "invite" | "reset", userId: string, nowMs: number) => ({
  gpk: enrolmentIndex(digest),
  gsk: userId,
  codeDigest: digest,
  codeFor,
  codeIssuedAtMs: nowMs,
  codeExpiresAtMs: nowMs + ENROLMENT_CODE_TTL_MS,
});

/** What each act writes, told apart from whether it may. */
export const peopleEdits = {
  roles:
    (roles: MembershipRow["roles"]) =>
    ({ member }: Person): Edit => ({ member: { ...member, roles } }),
  end: ({ member }: Person, nowMs: number): Edit => ({
    member: { ...member, status: "disabled", signInsEndedAtMs: nowMs },
  }),
  restore: ({ member }: Person): Edit => ({ member: { ...member, status: "active" } }),
  "end-sign-ins": ({ member }: Person, nowMs: number): Edit => ({ member: { ...member, signInsEndedAtMs: nowMs } }),
  /** From now on what she signed in with opens nothing here, and the code is the only way in. */
  code:
    (digest: string) =>
    (person: Person, nowMs: number): Edit => {
      const { member, account, factors } = person;
      const wasEnrolled = factors !== undefined || member.enrolSinceMs === undefined;
      return {
        member: { ...member, enrolSinceMs: nowMs, signInsEndedAtMs: nowMs },
        ...(account !== undefined && {
          account: { ...account, ...codeOf(digest, wasEnrolled ? "reset" : "invite", member.userId, nowMs) },
        }),
      };
    },
} as const;

export type ClinicPeople = ReturnType<typeof createPeople>;
