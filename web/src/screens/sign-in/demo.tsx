import { useEffect, useState } from "react";
import type { DemoSignIn } from "../../../../core/contract/demo-sign-in.ts";
import { readDemo } from "../../api/demo.ts";
import { appMessages, roleKey } from "../../app/messages.ts";
import { useText } from "../../i18n/index.ts";
import { Button, Section, Stack, Text } from "../../ui/index.ts";
import { signInMessages } from "./messages.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface DemoProps {
  readonly onChosen: (chosen: DemoSignIn) => Promise<void>;
}

/** One button for each person of a demonstration, by clinic. */
export function Demo({ onChosen }: DemoProps) {
  const [t, say] = [useText(signInMessages), useText(appMessages)];
  const [found, setFound] = useState<readonly DemoSignIn[]>([]);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  useEffect(() => {
    let isGone = false;
    void readDemo().then((signIns) => {
      if (!isGone) setFound(signIns);
    });
    return () => {
      isGone = true;
    };
  }, []);
  if (found.length === 0) return null;
  const choose = async (login: string): Promise<void> => {
    setChosen(login);
    // The code that came with the page may be used by now.
    const fresh = (await readDemo()).find((signIn) => signIn.login === login);
    if (fresh !== undefined) {
      await pause(fresh.waitMs);
      await onChosen(fresh);
    }
    setChosen(undefined);
  };
  const clinics = [...new Set(found.map(({ clinic }) => clinic))];
  return (
    <Section title={t("demo")}>
      <Text size="sm" tone="muted">
        {t("demoText")}
      </Text>
      {clinics.map((clinic) => (
        <Section key={clinic} title={clinic} level={3}>
          <Stack gap="xs">
            {found
              .filter((signIn) => signIn.clinic === clinic)
              .map(({ login, role, name }) => {
                const key = roleKey(role);
                return (
                  <Button
                    key={login}
                    isWide
                    isPending={chosen === login}
                    isDisabled={chosen !== undefined && chosen !== login}
                    onClick={() => void choose(login)}
                  >
                    {t("demoAs", { role: key === undefined ? role : say(key), name })}
                  </Button>
                );
              })}
          </Stack>
        </Section>
      ))}
    </Section>
  );
}
