import { useSession } from "../../app/session.tsx";
import { useText } from "../../i18n/index.ts";
import { Page, Stack } from "../../ui/index.ts";
import { Looks } from "./looks.tsx";
import { accountMessages } from "./messages.ts";
import { Passkeys } from "./passkeys.tsx";
import { SignIns } from "./sign-ins.tsx";
import { Work } from "./work.tsx";

/** What somebody keeps of their own: the ways in, where they are signed in, which clinic, and how the portal looks. */
export default function Account() {
  const [t, { user, tenant }] = [useText(accountMessages), useSession()];
  return (
    <Page title={t("title")} intro={t("intro", { name: user.name, clinic: tenant.name })}>
      <Stack gap="lg">
        <Passkeys />
        <SignIns />
        <Work />
        <Looks />
      </Stack>
    </Page>
  );
}
