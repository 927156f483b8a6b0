import { useAsk } from "../../api/hooks.ts";
import type { FieldState } from "../../ui/index.ts";
import { useWords } from "./words.ts";

interface View {
  readonly sections?: {
    readonly banner?: {
      readonly name?: FieldState<string>;
      readonly birthDate?: FieldState<string>;
      readonly identifiers?: FieldState<readonly { readonly value: string }[]>;
      readonly allergies?: FieldState<"recorded" | "none-known" | "not-recorded">;
    };
    readonly allergies?: FieldState<readonly Allergy[]>;
  };
}

interface Allergy {
  readonly code?: FieldState<{ readonly text: string }>;
  readonly status?: FieldState<string>;
}

const valueOf = <T>(field: FieldState<T> | undefined): T | undefined =>
  field?.state === "value" ? field.value : undefined;

const isActive = ({ status }: Allergy): boolean => {
  const stated = valueOf(status);
  return stated !== "resolved" && stated !== "inactive";
};

/** Whose note it is, and what must be in sight while it is written. */
export interface NotePatient {
  /** As they stand on each sheet: name and date of birth, and the record number. */
  readonly lines: readonly string[];
  /** Undefined until it is known. */
  readonly allergies?: FieldState<"recorded" | "none-known" | "not-recorded">;
  readonly allergens: readonly string[];
}

export function useNotePatient(patient: string): NotePatient {
  const { t, format } = useWords();
  const query = useAsk("readView", { path: { id: patient }, query: { section: "banner,allergies" } });
  const view = query.data as View | undefined | null;
  const banner = view?.sections?.banner;
  const allergens = (valueOf(view?.sections?.allergies) ?? [])
    .filter(isActive)
    .flatMap(({ code }) => valueOf(code)?.text ?? []);
  const known = { allergens, ...(banner?.allergies && { allergies: banner.allergies }) };
  const name = valueOf(banner?.name);
  if (name === undefined) return { lines: [], ...known };
  const born = valueOf(banner?.birthDate);
  const [number] = valueOf(banner?.identifiers) ?? [];
  const lines = [
    born === undefined ? name : t("patientLine", { name, born: format.date(born) }),
    ...(number === undefined ? [] : [t("recordNumber", { number: number.value })]),
  ];
  return { lines, ...known };
}
