import { useEffect, useState } from "react";
import type { EnrolmentView, SessionView } from "../../../../core/contract/index.ts";
import { call, Problem } from "../../api/client.ts";
import { CODE_PATTERN, readCode, showCode } from "../../../../core/contract/enrolment-code.ts";
import { useGo } from "../../app/navigation.ts";
import { beginSession } from "../../app/session.tsx";
import { sessionOf } from "../../app/session-state.ts";
import { useText } from "../../i18n/index.ts";
import { Form, Page, Stack, TextField } from "../../ui/index.ts";
import { LanguageSwitch } from "../sign-in/language-switch.tsx";
import { Factors } from "./factors.tsx";
import { enrolMessages } from "./messages.ts";

const asProblem = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem({ kind: "exception", status: 0 });

/** Of the page that is open: a screen may be mounted more than once before it stands. */
let held = "";

/** The code behind the #, taken out of the address at once: it stays in no history and on no shared screen. */
function takeCode(): string {
  if (location.hash !== "") {
    const code = readCode(location.hash.slice(1));
    held = CODE_PATTERN.test(code) ? code : "";
    history.replaceState(history.state, "", location.pathname);
  }
  return held;
}

interface Found {
  readonly code: string;
  readonly view: EnrolmentView;
}

/** The way in for somebody whom an administrator gave a code: the code, then factors of one's own. */
export default function Enrol() {
  const t = useText(enrolMessages);
  const go = useGo();
  const [given] = useState(takeCode);
  const [found, setFound] = useState<Found | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const rules = { "enrolment-code": t("rule.enrolment-code") };

  const look = async (text: string): Promise<void> => {
    setProblem(undefined);
    const code = readCode(text);
    try {
      setFound({ code, view: await call("lookAtEnrolment", { body: { code } }) });
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
  };
  useEffect(() => {
    if (given !== "") void look(given);
  }, [given]);

  const enter = (view: SessionView): void => {
    held = "";
    beginSession(sessionOf(view));
    go({ to: "/app/" }, { replaces: true });
  };

  if (found !== undefined) return <Factors {...found} onEntered={enter} />;
  return (
    <Page title={t("title")} intro={t("codeText")}>
      <Stack gap="lg">
        <Form<{ readonly code: string }>
          label={t("title")}
          loading={false}
          defaults={{ code: given === "" ? "" : showCode(given) }}
          problem={problem}
          rules={rules}
          submitLabel={t("go")}
          guards={false}
          onSubmit={({ code }) => look(code)}
        >
          <TextField
            name="code"
            label={t("code")}
            hint={t("codeHint")}
            isRequired
            isCode
            maxLength={60}
            autoFill="off"
            validate={(value) => (CODE_PATTERN.test(readCode(value)) ? undefined : t("codeForm"))}
          />
        </Form>
        <LanguageSwitch />
      </Stack>
    </Page>
  );
}
