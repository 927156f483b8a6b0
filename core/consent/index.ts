/** The door of core/consent: the portal's forms over core/policy/consent. Pure. */
export { consentOf, type ConsentOrigin } from "./build.ts";
export { effectsOf, type Party } from "./effect.ts";
export { FORMS, formOf } from "./forms.ts";
export { namedIn, revokedOf, viewOf } from "./read.ts";
