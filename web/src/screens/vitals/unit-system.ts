import type { UnitSystem } from "../../../../core/contract/chart.ts";
import { createStore, useStore } from "../../app/store.ts";

/** In which units vitals are shown and typed. Kept for as long as the page, and nowhere else. */
const unitSystem = createStore<UnitSystem>("us");

export const useUnitSystem = (): readonly [UnitSystem, (system: UnitSystem) => void] => [
  useStore(unitSystem),
  (system) => unitSystem.set(system),
];
