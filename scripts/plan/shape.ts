/** What `stacks/plan/<stage>.json` holds. Described for readers in stacks/README.md. */
export interface Plan {
  readonly app: {
    readonly name: string;
    readonly stage: string;
    readonly removal: string;
    readonly protect: boolean;
    readonly providers: Readonly<Record<string, unknown>>;
  };
  /** The pretended account and region that every ARN of the plan names. */
  readonly account: string;
  readonly region: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** By name. What to run in each Lambda; everything else about it is in `resources`. */
  readonly functions: readonly PlannedFunction[];
  /** By type, then by name. */
  readonly resources: readonly PlannedResource[];
}

export interface PlannedFunction {
  /** The physical name, as in the resource `aws:lambda/function:Function`. */
  readonly name: string;
  /** `functions/streams/archive.handler`: the file without its extension, a dot, the export. */
  readonly handler: string;
  readonly runtime: string;
  /** Packages that ship beside the bundle, each with its exact version. */
  readonly install: Readonly<Record<string, string>>;
}

export interface PlannedResource {
  readonly urn: string;
  /** `aws:dynamodb/table:Table` */
  readonly type: string;
  /** The logical name; the physical one is an input. */
  readonly name: string;
  /** The account that it is made in, where that is not the plan's own. */
  readonly account?: string;
  /** As the provider would get them, with references resolved and policy documents as objects. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What AWS would have given back: `id`, `arn` and the like, beyond the inputs. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly options: PlannedOptions;
}

export interface PlannedOptions {
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** `type::name` of every resource that this one waits for, said or by reference. */
  readonly dependsOn: readonly string[];
}
