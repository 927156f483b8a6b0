import type { People } from "../../../../core/contract/index.ts";
import { useCan } from "../../app/session.tsx";
import { type Say, useText } from "../../i18n/index.ts";
import { Link, Text } from "../../ui/index.ts";
import { governMessages } from "./messages.ts";

export type GovernKey = keyof typeof governMessages.en;

const isKey = (key: string): key is GovernKey => Object.hasOwn(governMessages.en, key);

/** The word for a code of the contract; the code itself where a newer server knows more. */
export const wordFor = (t: Say<GovernKey>, group: "role" | "purpose" | "class", code: string): string => {
  const key = `${group}.${code}`;
  return isKey(key) ? t(key) : code;
};

/** The last characters tell two ids apart for a person; the whole one stands in the address and in the detail. */
export const shortId = (id: string): string => id.slice(-6);

/** A member's or a system's name; the account where the answer names nobody. */
export function nameIn(people: People, id: string, t: Say<GovernKey>): string {
  const found = people[id];
  if (found === undefined) return t("unknownPerson", { id: shortId(id) });
  return found.kind === "client" ? t("system", { name: found.name }) : found.name;
}

interface PersonProps {
  readonly people: People;
  readonly id: string;
  readonly role?: string | undefined;
}

/** Who it was, and as what. */
export function Person({ people, id, role }: PersonProps) {
  const t = useText(governMessages);
  return (
    <>
      <Text as="span">{nameIn(people, id, t)}</Text>
      {role !== undefined && (
        <Text as="span" size="sm" tone="muted">
          {" "}
          {wordFor(t, "role", role)}
        </Text>
      )}
    </>
  );
}

/** A chart by its id, and who looked at it for whom the trail is: whose chart it is, the chart says to whom it opens. */
export function ChartLink({ id }: { readonly id: string }) {
  const t = useText(governMessages);
  const can = useCan();
  const text = t("record", { id: shortId(id) });
  if (can("audit.search")) {
    return (
      <Link to="/app/audit" search={{ patient: id }} label={`${text}: ${t("whoLooked")}`}>
        {text}
      </Link>
    );
  }
  return (
    <Text as="span" isCode size="sm">
      {text}
    </Text>
  );
}
