import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { answers } from "../api/cache.ts";
import { theme } from "../styles/theme.ts";
import { PORTALS_ID } from "../ui/portal.ts";
import { ToastRegion } from "../ui/toast.tsx";
import { createPortalRouter } from "./router.tsx";
import { schemeManager } from "./scheme.ts";
import { SessionProvider, SignedOutOverlay } from "./session.tsx";
import { sessionState } from "./session-state.ts";
import { useStore } from "./store.ts";

const router = createPortalRouter();

/** The page that is kept while its session has ended: in the tree, so that drafts live; seen and reached by nobody. */
function Kept() {
  const isEnded = useStore(sessionState).status === "ended";
  return (
    <>
      <div hidden={isEnded} inert={isEnded}>
        <RouterProvider router={router} />
        <div id={PORTALS_ID} />
        <ToastRegion />
      </div>
      <SignedOutOverlay />
    </>
  );
}

export const App = () => (
  <MantineProvider
    theme={theme}
    withCssVariables={false}
    withGlobalClasses={false}
    withStaticClasses={false}
    colorSchemeManager={schemeManager}
    defaultColorScheme="auto"
  >
    <QueryClientProvider client={answers}>
      <SessionProvider>
        <Kept />
      </SessionProvider>
    </QueryClientProvider>
  </MantineProvider>
);
