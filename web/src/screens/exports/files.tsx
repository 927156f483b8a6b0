import type { ExportFileView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useFormat, useText } from "../../i18n/index.ts";
import { Alert, AskState, type Column, EmptyState, ExternalLink, Stack, Table, Text } from "../../ui/index.ts";
import { exportMessages } from "./messages.ts";

interface FilesProps {
  readonly id: string;
  readonly isOwn: boolean;
}

/** The files of a finished export with their hashes. The link is the session's alone and dies with it. */
export function Files({ id, isOwn }: FilesProps) {
  const [t, format] = [useText(exportMessages), useFormat()];
  const query = useAsk("readExport", { path: { id } });
  const columns: readonly Column<ExportFileView>[] = [
    {
      id: "name",
      label: t("file"),
      isRowHeader: true,
      render: ({ name }) => (
        <Text as="span" isCode size="sm">
          {name}
        </Text>
      ),
    },
    { id: "type", label: t("type"), render: ({ type }) => type },
    { id: "count", label: t("count"), align: "end", render: ({ count }) => format.number(count) },
    { id: "size", label: t("size"), align: "end", render: ({ sizeBytes }) => format.bytes(sizeBytes) },
    {
      id: "hash",
      label: t("hash"),
      render: ({ sha256 }) => (
        <Text as="span" isCode size="xs">
          {sha256.slice(0, 16)}
        </Text>
      ),
    },
    ...(isOwn
      ? [
          {
            id: "fetch",
            label: t("fetch"),
            hidesLabel: true,
            render: ({ name }: ExportFileView) => (
              <ExternalLink href={`/clinic/exports/${id}/files/${name}`} fileName={name}>
                {t("fetchOf", { name })}
              </ExternalLink>
            ),
          },
        ]
      : []),
  ];
  return (
    <AskState query={query} label={t("files")}>
      {({ files = [], notice }) => (
        <Stack gap="sm">
          {!isOwn && <Text tone="muted">{t("onlyOwner")}</Text>}
          <Table
            caption={t("files")}
            hidesCaption
            columns={columns}
            rows={files}
            rowKey={({ name }) => name}
            empty={<EmptyState title={t("noFiles")} hint={t("noFilesHint")} isCompact />}
          />
          {notice !== undefined && files.length > 0 && (
            <Alert tone="warning" title={t("notice")}>
              <Text lang="en">{notice}</Text>
            </Alert>
          )}
        </Stack>
      )}
    </AskState>
  );
}
