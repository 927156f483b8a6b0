import type { NoteSignatureView, NoteView } from "../../../../core/contract/index.ts";
import { Alert, Badge, List, Row, Section, Stack, Text } from "../../ui/index.ts";
import { useWords } from "./words.ts";

const TONES = { matches: "success", differs: "danger", unavailable: "warning" } as const;

/** In parts of eight, so that it breaks on a narrow page and can be compared by eye. */
const inParts = (hash: string): string => hash.match(/.{1,8}/g)?.join(" ") ?? "";

function Signature({ signature }: { readonly signature: NoteSignatureView }) {
  const { t, format } = useWords();
  const { kind, by, at, version, hash, check, isCurrent, isLocking, reason } = signature;
  return (
    <Stack gap="xs">
      <Row>
        <Text as="strong" isStrong>
          {t("signatureLine", { kind: t(`kind.${kind}`), name: by.name, when: format.dateTime(at) })}
          {isLocking ? ` ${t("signatureLocks")}` : ""}
        </Text>
        {kind !== "unlock" && <Badge text={t(`check.${check}`)} tone={TONES[check]} />}
        {kind !== "unlock" && !isCurrent && <Badge text={t("isPast")} tone="warning" />}
      </Row>
      {reason !== undefined && <Text isProse>{reason.text}</Text>}
      <Text size="sm" tone="muted">
        {t("ofVersion", { version: String(version) })}
      </Text>
      <Text size="sm" isCode>
        {t("fingerprint")} {inParts(hash)}
      </Text>
    </Stack>
  );
}

/** Who signed what, and whether it is what stands here. */
export function Signatures({ note, level = 2 }: { readonly note: NoteView; readonly level?: 2 | 3 }) {
  const { t } = useWords();
  const { signatures } = note;
  const isBroken = signatures.some(({ check }) => check === "differs");
  return (
    <Section title={t("signatures")} level={level}>
      {isBroken && (
        <Alert tone="danger" title={t("brokenTitle")}>
          <Text>{t("brokenText")}</Text>
        </Alert>
      )}
      {signatures.length === 0 ? (
        <Text tone="muted">{t("noSignatures")}</Text>
      ) : (
        <List label={t("signatures")} items={signatures} itemKey={({ id }) => id}>
          {(signature) => <Signature signature={signature} />}
        </List>
      )}
    </Section>
  );
}
