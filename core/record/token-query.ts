import type { Criterion, SearchQuery, SearchValue } from "../fhir/index.ts";
import { isOpenTaskStatus } from "./token-fields.ts";

/** What of a FHIR search a token answers: records under it hold all that match, and the search matches them itself. */
export interface TokenQuery {
  readonly parameter: string;
  readonly values: readonly string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The values of a criterion without a modifier, each read by `read`; undefined where one of them is no value of a token. */
function valuesOf(
  { criteria }: SearchQuery,
  code: string,
  read: (value: SearchValue) => string | undefined,
): readonly string[] | undefined {
  const criterion = criteria.find(({ parameter, modifier }) => parameter.code === code && modifier === undefined);
  return criterion && allOf(criterion, read);
}

function allOf({ values }: Criterion, read: (value: SearchValue) => string | undefined): readonly string[] | undefined {
  const all = values.flatMap((value) => read(value) ?? []);
  return values.length > 0 && all.length === values.length ? all : undefined;
}

const code = (value: SearchValue): string | undefined =>
  value.kind === "token" && value.code !== "" ? value.code : undefined;

/** A span that lies within one day in UTC. */
function day(value: SearchValue): string | undefined {
  if (value.kind !== "date" || value.prefix !== "eq") return undefined;
  const { low, high } = value.range;
  const first = Math.floor(low / DAY_MS);
  return first === Math.floor((high - 1) / DAY_MS) ? new Date(first * DAY_MS).toISOString().slice(0, 10) : undefined;
}

/** A reference that says of what type it is. */
const reference = (value: SearchValue): string | undefined =>
  value.kind === "reference" && value.types.length === 1 ? `${value.types[0]}/${value.id}` : undefined;

/** Undefined where no token holds all that may match. */
export function tokenQueryOf(query: SearchQuery): TokenQuery | undefined {
  switch (query.type) {
    case "Patient": {
      for (const parameter of ["identifier", "phone", "email"]) {
        const values = valuesOf(query, parameter, code);
        if (values) return { parameter, values };
      }
      return undefined;
    }
    case "Appointment": {
      const values = valuesOf(query, "date", day);
      return values && { parameter: "date", values };
    }
    case "Task": {
      // Tasks that have ended have no owner's token: the search has to say that it wants none of them.
      const statuses = valuesOf(query, "status", code);
      if (!statuses?.every(isOpenTaskStatus)) return undefined;
      const values = valuesOf(query, "owner", reference);
      return values && { parameter: "owner", values };
    }
    default:
      return undefined;
  }
}
