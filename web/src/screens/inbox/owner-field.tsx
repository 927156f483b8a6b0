import { type Assignee, POOLS } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useSession } from "../../app/session.tsx";
import { SelectField } from "../../ui/index.ts";
import { useWords } from "./words.ts";

const PEOPLE_FRESH_MS = 600_000;

/** What a field of `OwnerField` holds, as a request says it; `patient` where she may be chosen. */
export function assigneeOf(value: string): Assignee | "patient" | undefined {
  if (value === "patient") return value;
  const [kind, id = ""] = value.split(":");
  const pool = POOLS.find((each) => each === id);
  if (kind === "pool") return pool && { pool };
  return kind === "user" && id !== "" ? { user: id } : undefined;
}

export const staffOf = (value: string): Assignee | undefined => {
  const found = assigneeOf(value);
  return found === "patient" ? undefined : found;
};

interface OwnerFieldProps {
  readonly name: string;
  readonly label: string;
  /** A patient may be written to; nobody else's work is hers. */
  readonly takesPatient?: boolean;
}

/** A team, or somebody of the clinic by name. */
export function OwnerField({ name, label, takesPatient = false }: OwnerFieldProps) {
  const { t, w } = useWords();
  const { user } = useSession();
  const { data } = useAsk("listPeople", {}, { freshMs: PEOPLE_FRESH_MS });
  const people = (data?.people ?? []).filter(
    ({ kind, status, roles }) => kind === "user" && status === "active" && POOLS.some((pool) => roles.includes(pool)),
  );
  return (
    <SelectField
      name={name}
      label={label}
      isRequired
      choices={[
        ...(takesPatient ? [{ value: "patient", label: w("toPatient") }] : []),
        ...POOLS.map((pool) => ({ value: `pool:${pool}`, label: t(`pool.${pool}`), group: w("pools") })),
        ...people.map((person) => ({
          value: `user:${person.id}`,
          label: person.id === user.id ? `${person.name} (${t("party.me")})` : person.name,
          group: w("people"),
        })),
      ]}
    />
  );
}
