import { asList, type PolicyDocument, type Statement } from "../../core/iam/index.ts";
import { settingsOf, type StageSettings } from "../settings.ts";

/** A resource as a guardrail sees it: from the committed plan, or from Pulumi's engine during a deploy. */
export interface StackResource {
  readonly urn: string;
  /** What the provider knows the resource by; undefined before it is made. */
  readonly id: string | undefined;
  /** `aws:s3/bucket:Bucket` */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** Inputs; policy documents as JSON text or as objects. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly isProtected: boolean;
  /** Pulumi's engine does not tell it to policies: undefined there, and then not judged. */
  readonly retainOnDelete: boolean | undefined;
}

export interface Violation {
  readonly urn: string;
  readonly message: string;
}

interface Described {
  /** kebab-case, unique. */
  readonly name: string;
  /** What must be so, as one sentence. */
  readonly description: string;
}

/** Judges each resource by itself, so that a deploy stops before the resource is made. Gives one message per violation. */
export interface ResourceGuardrail extends Described {
  readonly examine: (resource: StackResource) => readonly string[];
}

/** Judges how resources stand to each other; a deploy is told at its end. */
export interface StackGuardrail extends Described {
  readonly examineStack: (resources: readonly StackResource[]) => readonly Violation[];
}

export type Guardrail = ResourceGuardrail | StackGuardrail;

/** Every violation of every guardrail, in the order of `guardrails`. */
export function violations(
  guardrails: readonly Guardrail[],
  resources: readonly StackResource[],
): readonly (Violation & { readonly guardrail: string })[] {
  return guardrails.flatMap((guardrail) => {
    const found =
      "examineStack" in guardrail
        ? guardrail.examineStack(resources)
        : resources.flatMap((resource) =>
            guardrail.examine(resource).map((message) => ({ urn: resource.urn, message })),
          );
    return found.map((violation) => ({ ...violation, guardrail: guardrail.name }));
  });
}

/** The settings of the stage that the resource's URN names: `urn:pulumi:<stage>::...`. */
export function stageOf({ urn }: StackResource): StageSettings {
  return settingsOf(urn.split(":")[2]);
}

/** `at(properties, "target", "arn")`; undefined as soon as a step is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[step];
  }
  return here;
}

export const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
};

export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as unknown[]) : [];
};

/** The statements of a document that is an object or JSON text; none where there is no document. */
export function statements(document: unknown): readonly Statement[] {
  return documentOf(document)?.Statement ?? [];
}

export function documentOf(document: unknown): PolicyDocument | undefined {
  const parsed: unknown = typeof document === "string" ? JSON.parse(document) : document;
  if (typeof parsed !== "object" || parsed === null || !("Statement" in parsed)) return undefined;
  // One statement may stand without a list around it.
  return { ...(parsed as PolicyDocument), Statement: asList((parsed as PolicyDocument).Statement) };
}

/** The entries of `Principal`, as `AWS arn:...` or `Service lambda.amazonaws.com`; `*` for anybody. */
export function principals({ Principal }: Statement): readonly string[] {
  if (Principal === undefined) return [];
  if (Principal === "*") return ["*"];
  return Object.entries(Principal).flatMap(([kind, names]) =>
    asList(names).map((name) => (name === "*" ? "*" : `${kind} ${name}`)),
  );
}
