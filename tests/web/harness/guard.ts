import type { BrowserContext, Page } from "@playwright/test";

/** What a page must never do, and where it was seen doing it. */
export interface Finding {
  readonly kind:
    | "csp"
    | "page-error"
    | "foreign-request"
    | "url"
    | "title"
    | "console"
    | "local-storage"
    | "session-storage"
    | "indexed-db"
    | "cache-storage";
  readonly detail: string;
}

/** Watches the pages of one test. */
export interface Guard {
  watch(context: BrowserContext): Promise<void>;
  /** Everything found so far, with what lies in the storage of the pages that are open now; and forgets it. */
  taken(): Promise<readonly Finding[]>;
}

const REPORT = "keywardReport";

/** Runs in each page before its own code. */
function report(name: string): void {
  const bindings = globalThis as unknown as Readonly<Record<string, (kind: string, detail: string) => void>>;
  const tell = (kind: string, detail: string): void => bindings[name]?.(kind, detail);
  document.addEventListener("securitypolicyviolation", (event) => {
    tell("csp", `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile} ${event.sample}`);
  });
  let title = "";
  const look = (): void => {
    if (document.title === title) return;
    title = document.title;
    tell("title", title);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

/** Everything that a page has stored, by kind. Runs in the page. */
async function stored(): Promise<Record<string, string>> {
  const dump = (storage: Storage): string =>
    JSON.stringify(
      Array.from({ length: storage.length }, (_, index) => {
        const key = storage.key(index) ?? "";
        return [key, storage.getItem(key)];
      }),
    );
  const databases: unknown[] = [];
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined) continue;
    const open = indexedDB.open(name);
    const database = await new Promise<IDBDatabase | undefined>((resolve) => {
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => resolve(undefined);
    });
    if (database === undefined) continue;
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store);
      const [keys, values] = [objects.getAllKeys(), objects.getAll()];
      await new Promise((resolve) => {
        values.transaction?.addEventListener("complete", resolve);
        values.transaction?.addEventListener("error", resolve);
      });
      databases.push([name, store, keys.result, values.result]);
    }
    database.close();
  }
  const cached: unknown[] = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      cached.push([name, request.url, await (await cache.match(request))?.text()]);
    }
  }
  return {
    "local-storage": dump(localStorage),
    "session-storage": dump(sessionStorage),
    "indexed-db": JSON.stringify(databases),
    "cache-storage": JSON.stringify(cached),
  };
}

/**
 * @param canaries Words of patients that must stay out of addresses, titles, the console and storage.
 * @param isOurs Whether a page may ask this address for something.
 */
export function createGuard(canaries: ReadonlySet<string>, isOurs: (url: string) => boolean): Guard {
  const findings: Finding[] = [];
  const contexts: BrowserContext[] = [];

  const hasCanary = (text: string): boolean => {
    const texts = [text];
    try {
      texts.push(decodeURIComponent(text.replaceAll("+", " ")));
    } catch {
      // No percent-encoding: the text itself is all there is.
    }
    return [...canaries].some((word) => texts.some((one) => one.includes(word)));
  };
  const lookAt = (kind: Finding["kind"], text: string): void => {
    if (hasCanary(text)) findings.push({ kind, detail: text.slice(0, 300) });
  };

  function watchPage(page: Page): void {
    page.on("pageerror", (error) => findings.push({ kind: "page-error", detail: error.message }));
    page.on("framenavigated", (frame) => lookAt("url", frame.url()));
    page.on("console", (message) => lookAt("console", message.text()));
  }

  return {
    async watch(context) {
      contexts.push(context);
      await context.exposeBinding(REPORT, (_source, kind: string, detail: string) => {
        if (kind === "csp") findings.push({ kind: "csp", detail });
        else lookAt("title", detail);
      });
      await context.addInitScript(report, REPORT);
      context.on("request", (request) => {
        const url = request.url();
        lookAt("url", url);
        if (!isOurs(url)) findings.push({ kind: "foreign-request", detail: url.slice(0, 300) });
      });
      context.on("page", watchPage);
    },
    async taken() {
      for (const page of contexts.flatMap((context) => context.pages())) {
        // What is blank, or no page of ours, holds nothing that was stored here.
        if (!/^https?:/.test(page.url()) || !isOurs(page.url())) continue;
        for (const [kind, text] of Object.entries(await page.evaluate(stored))) lookAt(kind as Finding["kind"], text);
        lookAt("title", await page.title());
      }
      return findings.splice(0);
    },
  };
}
