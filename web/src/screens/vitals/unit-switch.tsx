import { UNIT_SYSTEMS } from "../../../../core/contract/chart-words.ts";
import { useText } from "../../i18n/index.ts";
import { Button, Toolbar } from "../../ui/index.ts";
import { vitalsMessages } from "./messages.ts";
import { useUnitSystem } from "./unit-system.ts";

/** In which units the page shows and takes vitals. What was entered stays as it was entered. */
export function UnitSwitch() {
  const [t, [system, setSystem]] = [useText(vitalsMessages), useUnitSystem()];
  return (
    <Toolbar label={t("units")}>
      {UNIT_SYSTEMS.map((each) => (
        <Button key={each} size="sm" isPressed={system === each} onClick={() => setSystem(each)}>
          {t(`units.${each}`)}
        </Button>
      ))}
    </Toolbar>
  );
}
