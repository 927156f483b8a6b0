import type { AbilitiesAnswer, AskAbilities } from "../../core/contract/index.ts";
import type { Abler } from "../../core/policy/abilities.ts";
import { abilitySummary, beyond } from "../../core/policy/reach.ts";
import type { UserId } from "../../core/kernel/ids.ts";
import { type Answer, type Exchange, type Handle, json } from "../http/exchange.ts";
import { fail } from "../http/failure.ts";
import { look, type Office, openOffice } from "./context.ts";

/** Somebody as policy would see her in this clinic with these roles: supposed, and signed in nowhere. */
function ablerOf(
  { identity: { principal, privacy } }: Office,
  roles: readonly string[],
  is: { readonly userId: string; readonly patientId?: string | undefined },
): Abler {
  return {
    isPrivacyOfficer: privacy.privacyOfficers.includes(is.userId),
    principal: {
      kind: "user",
      userId: is.userId as UserId,
      tenantId: principal.tenantId,
      roles,
      assurance: "aal2",
      sessionId: "none",
      clientId: "portal",
      ...(is.patientId === undefined ? {} : { patientId: is.patientId }),
    },
  };
}

/** POST /admin/people/abilities: what a person could see now, with other roles, and what changes. Nothing is stored. */
async function askAbilities(exchange: Exchange): Promise<Answer> {
  const office = await openOffice(exchange);
  const { person, roles } = exchange.body as AskAbilities;
  const isRequired = office.identity.privacy.relationship === "required";
  const entities = person === undefined ? [] : [{ type: "User", id: person }];
  return look(office, { entities }, async () => {
    const people = person === undefined ? [] : await office.people.list();
    const found = people.find(({ member }) => member.userId === person)?.member;
    if (person !== undefined && found === undefined) return fail({ kind: "not-found" });
    const is = found ?? { userId: "none" };
    const now = found === undefined ? undefined : abilitySummary(ablerOf(office, found.roles, is), isRequired);
    const wanted = roles === undefined ? undefined : abilitySummary(ablerOf(office, roles, is), isRequired);
    const answer: AbilitiesAnswer = {
      ...(now === undefined ? {} : { now }),
      ...(wanted === undefined ? {} : { wanted }),
      gains: wanted === undefined ? beyond() : beyond(wanted, now),
      loses: wanted === undefined ? beyond() : beyond(now, wanted),
    };
    return json(200, answer);
  });
}

export const abilitiesHandlers = { askAbilities } as const satisfies Record<string, Handle>;
