import { useEffect } from "react";
import type { PatientRow } from "../../../../core/contract/index.ts";
import { call } from "../../api/client.ts";
import { useGo } from "../../app/navigation.ts";
import { type PaletteItem, registerPaletteSource } from "../../app/palette-sources.ts";
import { type AnyRow, useRowWords } from "./row-words.ts";
import { useOpenPatient } from "./use-open-patient.ts";

/** From so many letters on there is something to find by. */
const FROM_CHARACTERS = 2;

/** Patients in the palette: those whom the member opened last, and whoever meets what is typed. */
export function usePatientPalette(): void {
  const [{ say: t, nameOf, detailOf }, go, open] = [useRowWords(), useGo(), useOpenPatient()];
  useEffect(() => {
    const itemOf = (row: AnyRow): PaletteItem =>
      row.state === "restricted"
        ? { id: row.id, label: t("restrictedPatient"), badge: t("restricted"), run: () => open(row.id) }
        : found(row);
    const found = (row: PatientRow): PaletteItem => ({
      id: row.id,
      label: nameOf(row),
      detail: detailOf(row),
      ...(row.replacedBy === undefined ? {} : { badge: t("merged") }),
      run: () => open(row.replacedBy ?? row.id),
    });
    const recent = registerPaletteSource({
      id: "patients-recent",
      label: () => t("recent"),
      fromCharacters: 0,
      needs: "patient.recent",
      search: async (text, signal) => {
        if (text !== "") return [];
        const { patients } = await call("recentPatients", { signal });
        return patients.map(itemOf);
      },
    });
    const patients = registerPaletteSource({
      id: "patients",
      label: () => t("title"),
      fromCharacters: FROM_CHARACTERS,
      needs: "patient.search",
      search: async (text, signal) => {
        const answer = await call("searchPatients", { body: { text }, signal });
        return answer.patients.map(found);
      },
    });
    const register = registerPaletteSource({
      id: "patients-register",
      label: () => t("title"),
      fromCharacters: 0,
      needs: "patient.register",
      search: (text) =>
        Promise.resolve(
          t("register").toLocaleLowerCase().includes(text.toLocaleLowerCase())
            ? [{ id: "register", label: t("register"), run: () => go({ to: "/app/patients/new" }) }]
            : [],
        ),
    });
    return () => {
      for (const undo of [recent, patients, register]) undo();
    };
  }, [t, go, open, nameOf, detailOf]);
}
