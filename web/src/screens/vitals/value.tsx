import { IconAlertTriangle, IconArrowDown, IconArrowUp, IconCircleCheck, IconX } from "@tabler/icons-react";
import type { VitalCell, VitalFlag } from "../../../../core/contract/chart.ts";
import { useText } from "../../i18n/index.ts";
import { Badge, type IconType, Row, Text, type Tone } from "../../ui/index.ts";
import { vitalsMessages } from "./messages.ts";
import { useUnitSystem } from "./unit-system.ts";

const LOOKS: Readonly<Record<Exclude<VitalFlag, "no-range" | "normal">, { tone: Tone; icon: IconType }>> = {
  low: { tone: "warning", icon: IconArrowDown },
  high: { tone: "warning", icon: IconArrowUp },
  "critically-low": { tone: "danger", icon: IconAlertTriangle },
  "critically-high": { tone: "danger", icon: IconAlertTriangle },
};

interface VitalFlagProps {
  readonly cell: VitalCell;
  /** Says "normal" as well, where there is room. */
  readonly saysNormal?: boolean;
  /** Its words go under it where there is no room beside it. */
  readonly wraps?: boolean;
}

/** How a value lies to the range: by colour, by a sign and in words. */
export function VitalFlagBadge({ cell, saysNormal = false }: VitalFlagProps) {
  const t = useText(vitalsMessages);
  const { flag, finding, state } = cell;
  if (state === "entered-in-error") return <Badge tone="neutral" icon={IconX} text={t("state.entered-in-error")} />;
  if (flag === "no-range") return null;
  const words = finding === undefined ? t(`flag.${flag}`) : t(`finding.${finding}`);
  if (flag === "normal")
    return saysNormal ? <Badge tone="success" icon={IconCircleCheck} text={t("flag.normal")} /> : null;
  return <Badge tone={LOOKS[flag].tone} icon={LOOKS[flag].icon} text={words} />;
}

/** A value with its unit and what it means. What was entered in error is struck through. */
export function VitalValue({ cell, saysNormal = false, wraps = false }: VitalFlagProps) {
  const [system] = useUnitSystem();
  const t = useText(vitalsMessages);
  const { value, label } = cell.shown[system];
  const isError = cell.state === "entered-in-error";
  return (
    <Row gap="xs" wraps={wraps}>
      <Text as={isError ? "del" : "span"} isNumeric isStrong={!isError} tone={isError ? "muted" : "default"}>
        {`${value} ${label}`}
      </Text>
      <VitalFlagBadge cell={cell} saysNormal={saysNormal} />
      {cell.state === "corrected" && <Badge text={t("state.corrected")} />}
      {cell.state === "preliminary" && <Badge text={t("state.preliminary")} />}
    </Row>
  );
}
