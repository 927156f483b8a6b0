export interface SearchParameter {
  resourceType: string;
  url: string;
  code: string;
  base: string[];
  type: string;
  expression?: string;
  target?: string[];
  component?: { definition: string; expression: string }[];
}

/** `[type, expression, reference targets]` (`["*"]` is every type), or for a composite `["composite", base expression, [code, expression][]]`. */
type Row = [type: string, expression: string, rest?: string[] | [string, string][]];

/** Splits a FHIRPath union at its top level. */
function alternatives(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < expression.length; index += 1) {
    const char = expression[index];
    if (char === "(") depth += 1;
    else if (char === ")") depth -= 1;
    else if (char === "|" && depth === 0) {
      parts.push(expression.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...parts, expression.slice(start).trim()];
}

const anchored = (part: string, type: string): boolean => new RegExp(`^\\(?${type}(\\.|\\)|$)`).test(part);

/**
 * The search parameters of each type under their codes, sorted, expressions narrowed to the type.
 * A later definition of the same code (US Core) replaces an earlier one only where the base has none.
 */
export function searchParameterRows(
  parameters: SearchParameter[],
  resourceTypes: readonly string[],
): Record<string, Record<string, Row>> {
  const byUrl = new Map(parameters.map((parameter) => [parameter.url, parameter]));
  const rowFor = (parameter: SearchParameter, type: string): Row | undefined => {
    if (!parameter.expression) return undefined;
    const anchor = parameter.base.includes("Resource") ? "Resource" : type;
    const expression = alternatives(parameter.expression)
      .filter((part) => anchored(part, anchor))
      .join(" | ");
    if (expression === "") return undefined;
    if (parameter.type !== "composite") {
      const targets = (parameter.target ?? []).filter((target) => resourceTypes.includes(target)).toSorted();
      if (targets.length === 0) return [parameter.type, expression];
      return [parameter.type, expression, targets.length === resourceTypes.length ? ["*"] : targets];
    }
    const components = (parameter.component ?? []).map(({ definition, expression: path }): [string, string] => {
      const component = byUrl.get(definition);
      if (!component) throw new Error(`no search parameter ${definition}`);
      // R4 writes ofType(DateTime) in Observation-code-value-date; the type is dateTime.
      return [component.type, path.replaceAll("DateTime", "dateTime")];
    });
    // DocumentReference's `relationship` gives each of its parts the other's expression: left out rather than guessed.
    return components.some(([partType]) => partType === "reference")
      ? undefined
      : ["composite", expression, components];
  };
  const result: Record<string, Record<string, Row>> = {};
  for (const type of ["Resource", ...resourceTypes]) {
    const rows: Record<string, Row> = {};
    for (const parameter of parameters) {
      if (!parameter.base.includes(type) || parameter.code in rows) continue;
      const row = rowFor(parameter, type);
      if (row) rows[parameter.code] = row;
    }
    result[type] = Object.fromEntries(Object.entries(rows).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
  return result;
}
