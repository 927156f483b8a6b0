import "../src/styles/index.ts";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { answers } from "../src/api/cache.ts";
import { scheme, schemeManager } from "../src/app/scheme.ts";
import { locale, toLocale } from "../src/i18n/locale.ts";
import { theme } from "../src/styles/theme.ts";
import { PORTALS_ID } from "../src/ui/portal.ts";
import { ToastRegion } from "../src/ui/toast.tsx";
import { groups } from "./index.ts";
import { signInForStories } from "./session.ts";

const asked = new URLSearchParams(location.search);
const named = asked.get("story") ?? "";
const language = toLocale(asked.get("lang") ?? "en");
locale.set(language);
document.documentElement.lang = language;
scheme.set(asked.get("scheme") === "dark" ? "dark" : "light");
signInForStories();

/** All stories of a group, one under the other; or one alone; or what there is. */
function StoryPage() {
  const found = groups.flatMap(({ stories }) => stories).filter(({ id }) => id === named);
  const shown = found.length > 0 ? found : (groups.find(({ id }) => id === named)?.stories ?? []);
  return (
    <main style={{ padding: 16, display: "flex", flexDirection: "column", gap: 24 }}>
      <div id={PORTALS_ID} />
      <h1>{shown.length === 0 ? "Stories" : `Stories: ${named}`}</h1>
      {shown.length === 0 && (
        <ul>
          {groups.map(({ id }) => (
            <li key={id}>
              <a href={`?story=${id}`}>{id}</a>
            </li>
          ))}
        </ul>
      )}
      {shown.map(({ id, title, render }) => (
        <section key={id} aria-label={title} data-story={id}>
          <h2 style={{ fontSize: 14, marginBottom: 8, color: "var(--kw-muted)" }}>{title}</h2>
          {render()}
        </section>
      ))}
      <ToastRegion />
    </main>
  );
}

const router = createRouter({ routeTree: createRootRoute({ component: StoryPage, notFoundComponent: StoryPage }) });
const root = document.getElementById("root");
if (root === null) throw new TypeError("the page has no root");
createRoot(root).render(
  <MantineProvider
    theme={theme}
    withCssVariables={false}
    withGlobalClasses={false}
    withStaticClasses={false}
    colorSchemeManager={schemeManager}
    defaultColorScheme="light"
  >
    <QueryClientProvider client={answers}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </MantineProvider>,
);
