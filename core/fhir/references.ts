/** What a Reference.reference or a Bundle request URL points with. FHIR R4 references.html#literal. */
export type ReferenceTarget =
  | { readonly kind: "relative"; readonly type: string; readonly id: string; readonly version?: string }
  | {
      readonly kind: "absolute";
      readonly url: string;
      readonly type?: string;
      readonly id?: string;
      readonly version?: string;
    }
  | { readonly kind: "urn"; readonly urn: string }
  /** `#id` of a contained resource; an empty id is the container itself. */
  | { readonly kind: "contained"; readonly id: string }
  /** `Patient?identifier=...`: a search that must match one, in transactions only. */
  | { readonly kind: "conditional"; readonly type: string; readonly query: string }
  | { readonly kind: "invalid" };

const TYPE = "[A-Z][A-Za-z]{1,63}";
const ID = "[A-Za-z0-9\\-.]{1,64}";
const RELATIVE = new RegExp(`^(${TYPE})/(${ID})(?:/_history/(${ID}))?$`);
const ABSOLUTE = /^https?:\/\/[^\s"<>\\^`{|}]{1,2000}$/;
const ABSOLUTE_TAIL = new RegExp(`/(${TYPE})/(${ID})(?:/_history/(${ID}))?$`);
const URN = /^urn:(?:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|oid:[0-2](?:\.(?:0|[1-9][0-9]*))+)$/;
const CONTAINED = new RegExp(`^#(?:${ID})?$`);
const CONDITIONAL = new RegExp(`^(${TYPE})\\?([^\\s#]{1,2000})$`);

/** Sorts a literal reference by its form. Whether the type exists or may stand there is for the caller to judge. */
export function parseReference(text: string): ReferenceTarget {
  const relative = RELATIVE.exec(text);
  if (relative) return literal("relative", relative);
  if (CONTAINED.test(text)) return { kind: "contained", id: text.slice(1) };
  if (URN.test(text)) return { kind: "urn", urn: text };
  if (ABSOLUTE.test(text)) {
    const tail = ABSOLUTE_TAIL.exec(text);
    return tail ? { ...literal("relative", tail), kind: "absolute", url: text } : { kind: "absolute", url: text };
  }
  const [, type, query] = CONDITIONAL.exec(text) ?? [];
  return type !== undefined && query !== undefined ? { kind: "conditional", type, query } : { kind: "invalid" };
}

function literal(kind: "relative", match: RegExpExecArray): Extract<ReferenceTarget, { kind: "relative" }> {
  const [, type = "", id = "", version] = match;
  return version === undefined ? { kind, type, id } : { kind, type, id, version };
}
