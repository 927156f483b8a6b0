import type { LinkTarget } from "../../ui/link.tsx";

/*
 * A record's id carries its patient's before a dot, and a path whose last part has a dot names a file. No id has an
 * underscore: it stands for the dot in addresses.
 */

/** An id as an address names it. */
export const addressed = (id: string): string => id.replaceAll(".", "_");

/** Leads to a note. */
export const noteTarget = (id: string): LinkTarget => ({ to: "/app/notes/$note", params: { note: addressed(id) } });

/** The id that an address names. */
export const idIn = (address: string): string => address.replaceAll("_", ".");
