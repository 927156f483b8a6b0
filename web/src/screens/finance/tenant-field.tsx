import { useAsk } from "../../api/hooks.ts";
import { ComboboxField } from "../../ui/index.ts";
import { useWords, wordFor } from "./words.ts";

interface TenantFieldProps {
  readonly name: string;
  readonly label: string;
  /** What stands before the clinics: all of them together. */
  readonly first?: { readonly value: string; readonly label: string };
  /** Clinics that cannot be chosen. */
  readonly without?: readonly string[];
}

/** One of the clinics, found by typing. */
export function TenantField({ name, label, first, without = [] }: TenantFieldProps) {
  const { t } = useWords();
  const plans = useAsk("financePlans", {}, { freshMs: 300_000 });
  const tenants = (plans.data?.assignments ?? []).filter(({ tenant }) => !without.includes(tenant.id));
  const clinics = tenants.map(({ tenant }) => ({
    value: tenant.id,
    label: tenant.name,
    detail: wordFor(t, "tier", tenant.tier),
  }));
  return (
    <ComboboxField name={name} label={label} isRequired options={first === undefined ? clinics : [first, ...clinics]} />
  );
}
