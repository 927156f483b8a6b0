import { createRootRoute, createRoute, createRouter, Navigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { Skeleton } from "../ui/states.tsx";
import { type Area, AREAS } from "./areas.ts";
import { AreaBoundary, NoPermission, NotFound, NothingYet } from "./boundary.tsx";
import { menuOf } from "./menu-of.ts";
import { PurposeGate, SignInGate, useSession } from "./session.tsx";
import { sessionState } from "./session-state.ts";
import { Shell } from "./shell.tsx";
import { useStore } from "./store.ts";

/** An area's chunk behind what the area needs: a public one is shown to anybody, any other to who may see it. */
function screenOf(area: Area): () => ReactNode {
  const Screen = lazy(area.load);
  const Guarded = () => {
    const { can } = useSession();
    return area.needs === undefined || can.includes(area.needs) ? <Screen /> : <NoPermission />;
  };
  const Inner = area.zone === "public" ? Screen : Guarded;
  return () => (
    <Suspense fallback={<Skeleton />}>
      <Inner />
    </Suspense>
  );
}

/** Leads to the first area of the menu: where somebody's day begins. */
function Start() {
  const [first] = menuOf(AREAS, useSession().can);
  return first === undefined ? <NothingYet /> : <Navigate {...({ to: first.path } as { to: string })} replace />;
}

function Gate() {
  const state = useStore(sessionState);
  const { status } = state;
  const isPublic = AREAS.some(({ zone, path }) => zone === "public" && location.pathname === path);
  if (status === "none" && !isPublic) return <SignInGate />;
  const isUndeclared = status === "active" && state.session.purpose === undefined && state.session.purposes.length > 0;
  return isUndeclared ? <PurposeGate /> : <Shell />;
}

const root = createRootRoute({ component: Gate, notFoundComponent: NotFound, errorComponent: AreaBoundary });

const routesOf = (areas: readonly Area[]) =>
  areas.map((area) =>
    createRoute({
      getParentRoute: () => root,
      path: area.path,
      component: screenOf(area),
      errorComponent: AreaBoundary,
      // The chunk comes while the pointer is on its way, and before the old screen leaves.
      loader: async () => {
        await area.load();
      },
      staleTime: Number.POSITIVE_INFINITY,
    }),
  );

/** The router of the portal. Nothing of it is stored: no scroll positions, no state in the history. */
export function createPortalRouter(areas: readonly Area[] = AREAS) {
  const start = createRoute({ getParentRoute: () => root, path: "/app/", component: Start });
  const bare = createRoute({ getParentRoute: () => root, path: "/", component: Start });
  return createRouter({
    routeTree: root.addChildren([bare, start, ...routesOf(areas)]),
    defaultPreload: "intent",
    defaultPreloadDelay: 40,
    scrollRestoration: false,
    defaultPendingMs: 150,
    defaultPendingComponent: Skeleton,
  });
}
