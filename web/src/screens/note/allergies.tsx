import { IconAlertTriangle, IconCircleCheck, IconHelpCircle } from "@tabler/icons-react";
import { Badge, FieldValue, Row, Text } from "../../ui/index.ts";
import type { NotePatient } from "./patient-lines.ts";
import { useWords } from "./words.ts";

/** Allergies in one line: which ones, that none are known, or that nobody asked. Whatever else it is, it says so. */
export function Allergies({ allergies, allergens }: NotePatient) {
  const { t } = useWords();
  if (allergies === undefined) return null;
  if (allergies.state !== "value") {
    return (
      <Row gap="xs">
        <Text as="span">{t("allergies")}</Text>
        <FieldValue label={t("allergies")} field={allergies} />
      </Row>
    );
  }
  if (allergies.value === "none-known")
    return <Badge tone="success" icon={IconCircleCheck} text={t("allergiesNone")} />;
  if (allergies.value === "not-recorded" || allergens.length === 0) {
    return <Badge tone="warning" icon={IconHelpCircle} text={t("allergiesNothing")} />;
  }
  return (
    <Row gap="xs">
      <Text as="span" isStrong>
        {`${t("allergies")}:`}
      </Text>
      {allergens.map((name) => (
        <Badge key={name} tone="danger" icon={IconAlertTriangle} text={name} />
      ))}
    </Row>
  );
}
