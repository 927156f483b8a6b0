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
  // A name that cannot be opened now is not there; the clinic always is.
  const intro = user.name === "" ? tenant.name : t("intro", { name: user.name, clinic: tenant.name });
  return (
    <Page title={t("title")} intro={intro}>
      <Stack gap="lg">
        <Passkeys />
        <SignIns />
        <Work />
        <Looks />
      </Stack>
    </Page>
  );
}
