import { IconShieldPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { ConsentView } from "../../../../core/contract/index.ts";
import { useAsk } from "../../api/hooks.ts";
import { useText } from "../../i18n/index.ts";
import { Alert, AskState, Button, EmptyState, Page, Section, Stack, Text } from "../../ui/index.ts";
import { ChoiceCard } from "./choice-card.tsx";
import { GiveDrawer } from "./give-drawer.tsx";
import { choiceMessages } from "./messages.ts";
import { TakeBackDialog } from "./take-back-dialog.tsx";

const isOver = ({ state }: ConsentView): boolean => state === "expired" || state === "revoked";

/** What a patient lets whom see, and a way to say so and to take it back. */
export default function PatientConsentsScreen() {
  const t = useText(choiceMessages);
  const query = useAsk("listOwnConsents");
  const [isGiving, setIsGiving] = useState(false);
  const [taking, setTaking] = useState<ConsentView | undefined>(undefined);
  const give = (
    <Button size="lg" tone="primary" icon={IconShieldPlus} onClick={() => setIsGiving(true)}>
      {t("give")}
    </Button>
  );
  const hasAny = (query.data?.consents.length ?? 0) > 0;
  return (
    <Page title={t("title")} intro={t("intro")} width="text" actions={hasAny && give}>
      <AskState
        query={query}
        label={t("title")}
        isEmpty={({ consents }) => consents.length === 0}
        empty={<EmptyState title={t("empty")} hint={t("emptyHint")} action={give} />}
      >
        {({ consents, isHeld }) => (
          <Stack gap="lg">
            {isHeld && <Alert tone="info" title={t("held")} />}
            {[false, true].map((over) => {
              const own = consents.filter((consent) => isOver(consent) === over);
              return (
                own.length > 0 && (
                  <Section key={String(over)} title={t(over ? "over" : "inForce")}>
                    <Stack>
                      {own.map((consent) => (
                        <ChoiceCard
                          key={consent.id}
                          consent={consent}
                          onTakeBack={over || isHeld ? undefined : () => setTaking(consent)}
                        />
                      ))}
                    </Stack>
                  </Section>
                )
              );
            })}
          </Stack>
        )}
      </AskState>
      <Text tone="muted">{t("paper")}</Text>
      {isGiving && <GiveDrawer people={query.data?.people ?? []} onClose={() => setIsGiving(false)} />}
      {taking !== undefined && <TakeBackDialog consent={taking} onClose={() => setTaking(undefined)} />}
    </Page>
  );
}
