import {
  INBOX_SCOPES,
  type InboxCounts,
  type InboxScope,
  ITEM_KINDS,
  type ItemKind,
} from "../../../../core/contract/index.ts";
import { CheckboxField, RadioField, SelectField, Text } from "../../ui/index.ts";
import type { InboxAddress } from "./address.ts";
import { useWords } from "./words.ts";

interface FiltersProps {
  readonly address: InboxAddress;
  readonly counts: InboxCounts | undefined;
  readonly withheld: readonly ItemKind[];
  readonly onChange: (next: InboxAddress) => void;
}

/** What the list is narrowed by, and how much there is. */
export function Filters({ address, counts, withheld, onChange }: FiltersProps) {
  const { t } = useWords();
  const { open: _open, ...rest } = address;
  const set = (next: Partial<InboxAddress>): void => onChange({ ...rest, ...next });
  const kinds = ITEM_KINDS.filter((kind) => !withheld.includes(kind));
  return (
    <>
      <RadioField
        label={t("scope")}
        value={address.scope}
        choices={INBOX_SCOPES.map((scope) => ({ value: scope, label: t(`scope.${scope}`) }))}
        onChange={(scope) => set({ scope: scope as InboxScope })}
      />
      <SelectField
        label={t("kind")}
        value={address.kind ?? ""}
        placeholder={t("kind.all")}
        choices={kinds.map((kind) => ({
          value: kind,
          label: counts === undefined ? t(`kind.${kind}`) : `${t(`kind.${kind}`)} (${String(counts.byKind[kind])})`,
        }))}
        onChange={(value) => {
          const { kind: _kind, ...others } = rest;
          const kind = ITEM_KINDS.find((each) => each === value);
          onChange({ ...others, ...(kind !== undefined && { kind }) });
        }}
      />
      <CheckboxField
        label={t("snoozedOnly", { count: counts?.snoozed ?? 0 })}
        value={address.isSnoozed}
        onChange={(isSnoozed) => set({ isSnoozed })}
      />
      {address.patient !== undefined && (
        <CheckboxField
          label={t("onePatient")}
          value
          onChange={() => {
            const { patient: _patient, ...others } = rest;
            onChange(others);
          }}
        />
      )}
      {counts !== undefined && (
        <Text size="sm" tone="muted">
          {t("counts", { open: counts.open, unread: counts.unread, overdue: counts.overdue })}
        </Text>
      )}
      {withheld.length > 0 && (
        <Text size="sm" tone="muted">
          {t("withheld", { kinds: withheld.map((kind) => t(`kind.${kind}`)).join(", ") })}
        </Text>
      )}
    </>
  );
}
