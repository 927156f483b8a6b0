import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { ConsentView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useCan } from "../../app/session.tsx";
import { Alert, AskState, Button, EmptyState, Section, Stack, Text } from "../../ui/index.ts";
import { ConsentCard } from "./consent-card.tsx";
import { RecordDrawer } from "./record-drawer.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { useConsentPurpose, useWords } from "./use-words.ts";

const isOver = ({ state }: ConsentView): boolean => state === "expired" || state === "revoked";

interface ConsentListProps {
  readonly title: string;
  readonly consents: readonly ConsentView[];
  readonly onRevoke?: ((consent: ConsentView) => void) | undefined;
}

const ConsentList = ({ title, consents, onRevoke }: ConsentListProps) =>
  consents.length === 0 ? null : (
    <Section title={title} level={3}>
      <Stack>
        {consents.map((consent) => (
          <ConsentCard
            key={consent.id}
            consent={consent}
            onRevoke={onRevoke === undefined ? undefined : () => onRevoke(consent)}
          />
        ))}
      </Stack>
    </Section>
  );

/** The tab of a chart: what the patient permits and refuses, and the way to record and to take back. */
export default function ConsentTab({ patient }: { readonly patient: string }) {
  const { t } = useWords();
  const can = useCan();
  const purpose = useConsentPurpose();
  const [isRecording, setIsRecording] = useState(false);
  const [revoking, setRevoking] = useState<ConsentView | undefined>(undefined);
  const query = useAsk("listConsents", { path: { id: patient }, ...purpose });
  const record = can("consent.record") && (
    <Button tone="primary" icon={IconPlus} onClick={() => setIsRecording(true)}>
      {t("record")}
    </Button>
  );
  return (
    <Section title={t("title")} actions={(query.data?.consents.length ?? 0) > 0 && record}>
      <Text tone="muted">{t("intro")}</Text>
      <AskState
        query={query}
        label={t("title")}
        isEmpty={({ consents }) => consents.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} action={record} />}
      >
        {({ consents, hold, mayRevoke }) => (
          <Stack gap="lg">
            {hold !== undefined && <Alert tone="warning" title={t(`hold.${hold}`)} />}
            <ConsentList
              title={t("inForce")}
              consents={consents.filter((consent) => !isOver(consent))}
              onRevoke={mayRevoke && hold === undefined ? setRevoking : undefined}
            />
            <ConsentList title={t("over")} consents={consents.filter(isOver)} />
          </Stack>
        )}
      </AskState>
      {isRecording && <RecordDrawer patient={patient} onClose={() => setIsRecording(false)} />}
      {revoking !== undefined && (
        <RevokeDialog patient={patient} consent={revoking} onClose={() => setRevoking(undefined)} />
      )}
    </Section>
  );
}
