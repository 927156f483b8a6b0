import { useMemo } from "react";
import { useStore } from "../../app/store.ts";
import { useSession } from "../../app/session.tsx";
import { locale, useText } from "../../i18n/index.ts";
import { governMessages } from "../govern/messages.ts";
import { consentMessages } from "./messages.ts";
import type { Words } from "./words.ts";

export function useWords(): Words {
  const [t, shared, language] = [useText(consentMessages), useText(governMessages), useStore(locale)];
  return useMemo(() => {
    const format = new Intl.ListFormat(language, { type: "conjunction" });
    return { t, shared, list: (items) => format.format(items) };
  }, [t, shared, language]);
}

/**
 * What the desk works for here: a patient who refuses everybody could not take it back at a desk that works for
 * treatment. Everybody else works for what the session is for.
 */
export function useConsentPurpose(): { readonly purpose?: string } {
  const { roles, purpose } = useSession();
  return roles.includes("front-desk") && purpose !== "HOPERAT" ? { purpose: "HOPERAT" } : {};
}
