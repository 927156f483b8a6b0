import { forgetAnswers } from "../api/cache.ts";
import { locale } from "../i18n/index.ts";
import { ROOT_ID } from "./root-id.ts";

/**
 * What a page that is left may not leave behind: answers are dropped as it goes, and one that comes back from the
 * browser's own memory (bfcache) shows nothing and is loaded anew.
 */
export function watchPageLife(): void {
  window.addEventListener("pagehide", () => {
    forgetAnswers();
    document.getElementById(ROOT_ID)?.toggleAttribute("hidden", true);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  const tell = (): void => document.documentElement.setAttribute("lang", locale.get());
  locale.subscribe(tell);
  tell();
}
