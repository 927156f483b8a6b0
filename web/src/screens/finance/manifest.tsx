import type { MonthView } from "../../../../core/contract/index.ts";
import { useText } from "../../i18n/index.ts";
import { DefinitionList, Dialog, Stack, Table, Text } from "../../ui/index.ts";
import { monthsMessages } from "./months-messages.ts";
import { Amount } from "./parts.tsx";
import { usd, useWords } from "./words.ts";

interface ManifestDialogProps {
  readonly month: string;
  readonly manifest: NonNullable<MonthView["manifest"]>;
  readonly onClose: () => void;
}

const Code = ({ children }: { readonly children: string }) => (
  <Text as="span" isCode size="xs">
    {children}
  </Text>
);

/** What a closed month was sealed with: for who compares it with a copy elsewhere. */
export function ManifestDialog({ month, manifest, onClose }: ManifestDialogProps) {
  const [say, { t, format }] = [useText(monthsMessages), useWords()];
  const name = format.month(month);
  return (
    <Dialog title={say("manifestTitle", { month: name })} isOpen onClose={onClose} size="lg">
      <Stack>
        <DefinitionList
          look="rows"
          items={[
            { term: say("closedAt"), value: format.dateTime(manifest.closedAt) },
            { term: say("digest"), value: <Code>{manifest.sha256}</Code> },
            {
              term: say("previous"),
              value: manifest.previous === null ? say("first") : <Code>{manifest.previous}</Code>,
            },
            { term: say("bill"), value: <Amount money={usd(manifest.bill)} isStrong /> },
            { term: say("tenants"), value: <Amount money={usd(manifest.tenants)} /> },
            { term: t("unallocated"), value: <Amount money={usd(manifest.unallocated)} /> },
            { term: say("charged"), value: <Amount money={usd(manifest.charged)} /> },
            {
              term: say("rows"),
              value: say("rowsText", {
                provider: format.number(manifest.providerRows),
                clinic: format.number(manifest.clinicRows),
              }),
            },
            { term: say("priceLists"), value: manifest.priceListIds.join(", ") },
            { term: say("policy"), value: manifest.allocationPolicyId },
            { term: say("methods"), value: manifest.methodIds.join(", ") },
            { term: say("plans"), value: manifest.planIds.join(", ") },
            { term: say("code"), value: <Code>{manifest.codeVersion}</Code> },
          ]}
        />
        <Table
          caption={say("files")}
          rows={manifest.files}
          rowKey={(file) => file.name}
          columns={[
            { id: "name", label: say("file"), isRowHeader: true, render: (file) => <Code>{file.name}</Code> },
            { id: "rows", label: say("fileRows"), align: "end", render: ({ rows }) => format.number(rows) },
            { id: "size", label: say("size"), align: "end", render: ({ sizeBytes }) => format.bytes(sizeBytes) },
            { id: "hash", label: say("hash"), render: ({ sha256 }) => <Code>{sha256.slice(0, 32)}</Code> },
          ]}
        />
      </Stack>
    </Dialog>
  );
}
