/** What the CLI says when it cannot go on: one sentence for a person, an exit code for a script. */
export class CliFailure extends Error {
  override readonly name = "CliFailure";
  readonly exitCode: number;
  constructor(sentence: string, exitCode = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** Exit codes, as `keyward --help` lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, unreachable: 4, findings: 5 } as const;
