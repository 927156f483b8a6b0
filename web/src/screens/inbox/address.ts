import {
  type InboxItem,
  INBOX_SCOPES,
  type InboxScope,
  ITEM_KINDS,
  type ItemKind,
} from "../../../../core/contract/index.ts";

/** What the address of the inbox says: filters, and which item is open, by ids of ours. */
export interface InboxAddress {
  readonly scope: InboxScope;
  readonly kind?: ItemKind;
  readonly patient?: string;
  readonly isSnoozed: boolean;
  readonly open?: { readonly kind: ItemKind; readonly id: string };
}

const kindOf = (text: string | undefined): ItemKind | undefined => ITEM_KINDS.find((kind) => kind === text);

export function readAddress(query: Readonly<Record<string, string | undefined>>): InboxAddress {
  const [kind, id] = (query["open"] ?? "").split("~");
  const openKind = kindOf(kind);
  const wanted = kindOf(query["kind"]);
  return {
    scope: INBOX_SCOPES.find((scope) => scope === query["scope"]) ?? "team",
    ...(wanted !== undefined && { kind: wanted }),
    ...(query["patient"] !== undefined && { patient: query["patient"] }),
    isSnoozed: query["state"] === "snoozed",
    ...(openKind !== undefined && id !== undefined && { open: { kind: openKind, id } }),
  };
}

export const keyOf = ({ kind, id }: Pick<InboxItem, "kind" | "id">): string => `${kind}~${id}`;

export const searchOf = ({ scope, kind, patient, isSnoozed, open }: InboxAddress) => ({
  scope,
  kind,
  patient,
  state: isSnoozed ? "snoozed" : undefined,
  open: open === undefined ? undefined : keyOf(open),
});
