import { AddKey, ChangeApp, RegisterApp } from "../admin-apps.ts";
import { AskAbilities, ChangeRoles, InvitePerson } from "../admin-people.ts";
import type { Route } from "../route.ts";
import { adminRead, adminWrite } from "../route-kinds.ts";
import { Nothing } from "../session.ts";

/** A change over a version that was seen: repeating it changes nothing. */
const change = { ...adminWrite, idempotency: "natural", body: Nothing, bodyLimitBytes: 64 } as const;

/** A clinic's people and apps, for its administrator. */
export const adminRoutes = {
  listStaff: {
    ...adminRead,
    method: "GET",
    path: "/admin/people",
    action: "person.list",
    summary: "Who works in the clinic, with state, sign-ins and factors",
  },
  readPerson: {
    ...adminRead,
    method: "GET",
    path: "/admin/people/{id}",
    action: "person.read",
    summary: "One person, with her open sign-ins and what may be done",
  },
  invitePerson: {
    ...adminWrite,
    method: "POST",
    path: "/admin/people",
    action: "person.invite",
    body: InvitePerson,
    summary: "Invites a person: gives an enrolment code, once",
  },
  changePersonRoles: {
    ...change,
    method: "PUT",
    path: "/admin/people/{id}/roles",
    action: "person.change-roles",
    body: ChangeRoles,
    bodyLimitBytes: 1024,
    summary: "Sets a person's roles, with If-Match",
  },
  endAccess: {
    ...change,
    method: "POST",
    path: "/admin/people/{id}/end",
    action: "person.end",
    summary: "Ends a person's access and every sign-in, with If-Match",
  },
  restoreAccess: {
    ...change,
    method: "POST",
    path: "/admin/people/{id}/restore",
    action: "person.restore",
    summary: "Lets a person in again, with If-Match",
  },
  endPersonSignIns: {
    ...change,
    method: "POST",
    path: "/admin/people/{id}/sign-ins/end",
    action: "person.end-sign-ins",
    summary: "Ends every sign-in of a person in this clinic, with If-Match",
  },
  issueCode: {
    ...adminWrite,
    method: "POST",
    path: "/admin/people/{id}/code",
    action: "person.reset",
    body: Nothing,
    bodyLimitBytes: 64,
    summary: "A new enrolment code, once: the factors of before open nothing any more",
  },
  askAbilities: {
    ...adminRead,
    method: "POST",
    path: "/admin/people/abilities",
    action: "person.abilities",
    body: AskAbilities,
    bodyLimitBytes: 1024,
    summary: "What a person or a set of roles could see and do, and what a change would give and take",
  },

  listApps: {
    ...adminRead,
    method: "GET",
    path: "/admin/apps",
    action: "app.list",
    summary: "The clinic's apps and systems",
  },
  readApp: { ...adminRead, method: "GET", path: "/admin/apps/{id}", action: "app.read", summary: "One app" },
  registerApp: {
    ...adminWrite,
    method: "POST",
    path: "/admin/apps",
    action: "app.register",
    body: RegisterApp,
    bodyLimitBytes: 16 * 1024,
    summary: "Registers an app",
  },
  changeApp: {
    ...change,
    method: "PUT",
    path: "/admin/apps/{id}",
    action: "app.change",
    body: ChangeApp,
    bodyLimitBytes: 8 * 1024,
    summary: "Sets an app's name, scopes, purposes and redirect addresses, with If-Match",
  },
  suspendApp: {
    ...change,
    method: "POST",
    path: "/admin/apps/{id}/suspend",
    action: "app.suspend",
    summary: "Stops an app and its tokens, with If-Match",
  },
  resumeApp: {
    ...change,
    method: "POST",
    path: "/admin/apps/{id}/resume",
    action: "app.resume",
    summary: "Lets an app work again, with If-Match",
  },
  addAppKey: {
    ...change,
    method: "POST",
    path: "/admin/apps/{id}/keys",
    action: "app.add-key",
    body: AddKey,
    bodyLimitBytes: 2 * 1024,
    summary: "Adds a public key beside the others, with If-Match",
  },
  revokeAppKey: {
    ...change,
    method: "POST",
    path: "/admin/apps/{id}/keys/{kid}/revoke",
    action: "app.revoke-key",
    summary: "Takes a key out, with If-Match",
  },
} as const satisfies Record<string, Route>;
