import type { PolicyDocument, Statement } from "../../../core/iam/document.ts";

type Fields = Omit<Statement, "Effect">;

export const document = (...Statement: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
export const allow = (Action: Fields["Action"], Resource: Fields["Resource"], more: Fields = {}): Statement => ({
  Effect: "Allow",
  ...(Action !== undefined && { Action }),
  ...(Resource !== undefined && { Resource }),
  ...more,
});
export const deny = (Action: Fields["Action"], Resource: Fields["Resource"], more: Fields = {}): Statement => ({
  ...allow(Action, Resource, more),
  Effect: "Deny",
});
