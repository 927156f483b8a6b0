import { Badge, Button, type Column, Row, Table, Text } from "../../ui/index.ts";
import { useOpenPatient } from "./use-open-patient.ts";
import { type AnyRow, useWords, type Words } from "./words.ts";

const Name = ({
  row,
  words,
  onChoose,
}: {
  readonly row: AnyRow;
  readonly words: Words;
  readonly onChoose: (id: string) => void;
}) => {
  const { t, nameOf } = words;
  if (row.state === "restricted") return <Text as="span">{t("restrictedPatient")}</Text>;
  return (
    <Button tone="quiet" onClick={() => onChoose(row.replacedBy ?? row.id)}>
      {nameOf(row)}
    </Button>
  );
};

const Status = ({ row, words: { t } }: { readonly row: AnyRow; readonly words: Words }) => {
  if (row.state === "restricted") return <Badge tone="restricted" text={t("restricted")} />;
  if (row.replacedBy !== undefined) return <Badge tone="info" text={t("merged")} />;
  return row.isActive ? null : <Badge tone="neutral" text={t("inactive")} />;
};

interface PatientTableProps {
  readonly caption: string;
  readonly rows: readonly AnyRow[];
  readonly empty: string;
  /** What choosing one does; opens the chart where not said. */
  readonly onChoose?: (id: string) => void;
}

/** Patients with what tells them apart: name, date of birth with age, sex, record number, phone. */
export function PatientTable({ caption, rows, empty, onChoose }: PatientTableProps) {
  const [words, open] = [useWords(), useOpenPatient()];
  const { t, bornOf, sexOf } = words;
  const shown = (row: AnyRow, text: (known: Extract<AnyRow, { state: "value" }>) => string | undefined): string =>
    row.state === "value" ? (text(row) ?? t("notSaid")) : t("notSaid");
  const columns: readonly Column<AnyRow>[] = [
    {
      id: "name",
      label: t("name"),
      isRowHeader: true,
      render: (row) => (
        <Row gap="xs">
          <Name row={row} words={words} onChoose={onChoose ?? open} />
          <Status row={row} words={words} />
        </Row>
      ),
    },
    { id: "born", label: t("birthDate"), render: (row) => shown(row, bornOf) },
    { id: "sex", label: t("sex"), render: (row) => shown(row, ({ sex }) => sexOf(sex)) },
    { id: "number", label: t("recordNumber"), render: (row) => shown(row, ({ recordNumber }) => recordNumber) },
    { id: "phone", label: t("phone"), render: (row) => shown(row, ({ phone }) => phone) },
  ];
  return <Table caption={caption} hidesCaption columns={columns} rows={rows} rowKey={({ id }) => id} empty={empty} />;
}
