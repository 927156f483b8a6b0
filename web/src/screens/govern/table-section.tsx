import type { ReactNode } from "react";
import { type Asked, AskState, type Column, EmptyState, Section, Table, Text } from "../../ui/index.ts";

interface TableSectionProps<Answer, Row> {
  readonly title: string;
  readonly intro: string;
  readonly query: Asked<Answer>;
  readonly rowsOf: (answer: Answer) => readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly emptyTitle: string;
  readonly emptyHint: string;
  /** What begins such a thing: beside the title, or in the middle where there is none yet. */
  readonly action?: ReactNode;
  /** Dialogs. */
  readonly children?: ReactNode;
}

/** One list of what governs the clinic, as a table under its words. */
export function TableSection<Answer, Row>(props: TableSectionProps<Answer, Row>) {
  const { title, intro, query, rowsOf, columns, rowKey, emptyTitle, emptyHint, action, children } = props;
  const hasRows = query.data !== undefined && rowsOf(query.data).length > 0;
  return (
    <Section title={title} actions={hasRows && action}>
      <Text tone="muted">{intro}</Text>
      <AskState
        query={query}
        label={title}
        isEmpty={(answer) => rowsOf(answer).length === 0}
        empty={<EmptyState title={emptyTitle} hint={emptyHint} action={action} />}
      >
        {(answer) => <Table caption={title} hidesCaption columns={columns} rows={rowsOf(answer)} rowKey={rowKey} />}
      </AskState>
      {children}
    </Section>
  );
}
