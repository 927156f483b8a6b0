/**
 * Where everything that floats is put: inside the application, so that a session's end hides it with the rest.
 */
export const PORTALS_ID = "portals";
export const portalProps = { target: `#${PORTALS_ID}`, reuseTargetNode: false } as const;
