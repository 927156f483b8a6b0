import { call } from "../../api/client.ts";
import type { Format } from "../../i18n/index.ts";
import type { ComboboxOption } from "../../ui/index.ts";

/** Patients for a field: what is typed goes into the body of a request, and is kept nowhere. */
export const searchPatients =
  (format: Format) =>
  async (text: string, signal: AbortSignal): Promise<readonly ComboboxOption[]> => {
    if (text.trim().length < 2) return [];
    const { patients } = await call("searchPatients", { body: { text: text.trim() }, signal });
    return patients
      .filter(({ isActive, replacedBy }) => isActive && replacedBy === undefined)
      .map(({ id, name, birthDate, recordNumber }) => ({
        value: id,
        label: format.name(name),
        detail: [birthDate === undefined ? "" : format.date(birthDate), recordNumber ?? ""]
          .filter((part) => part !== "")
          .join(", "),
      }));
  };
