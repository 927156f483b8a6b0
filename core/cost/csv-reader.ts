/** A record of a CSV file. An empty field without quotes is null, and so is a bare `NULL`; `""` is an empty text. */
export type CsvRecord = readonly (string | null)[];

/** A file that cannot be read further. The message says why, in a few words. */
export class UnreadableCsv extends Error {
  override readonly name = "UnreadableCsv";
  readonly fault: "encoding" | "quoting";
  constructor(fault: "encoding" | "quoting", message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** Quotes that RFC 4180 does not know: in the middle of a field, after one, or never closed. */
const quoting = (message: string): UnreadableCsv => new UnreadableCsv("quoting", message);

/** A field of more letters than this is a quote that was never closed. */
const FIELD_LIMIT = 1_048_576;

const QUOTED_RUN = /[^"]+/y;
const BARE_RUN = /[^",\r\n]+/y;

type State = "start" | "bare" | "quoted" | "closing";

/**
 * Reads CSV of RFC 4180 piece by piece; lines end with CRLF or LF. Throws UnreadableCsv, and holds one record at a time:
 * a file of any size is read in the memory of its longest record.
 */
export class CsvReader {
  #state: State = "start";
  #field = "";
  #wasQuoted = false;
  #record: (string | null)[] = [];
  #pendingReturn = false;

  #endField(): void {
    const isNull = !this.#wasQuoted && (this.#field === "" || this.#field === "NULL");
    this.#record.push(isNull ? null : this.#field);
    this.#field = "";
    this.#wasQuoted = false;
    this.#state = "start";
  }

  #endRecord(): CsvRecord | undefined {
    this.#endField();
    const record = this.#record;
    this.#record = [];
    // A blank line is no record of one null.
    return record.length === 1 && record[0] === null ? undefined : record;
  }

  *push(text: string): Generator<CsvRecord> {
    for (let at = 0; at < text.length;) {
      const run = this.#state === "quoted" ? QUOTED_RUN : BARE_RUN;
      run.lastIndex = at;
      const [letters] = run.exec(text) ?? [];
      if (letters === undefined) {
        const record = this.#sign(text[at] ?? "");
        if (record !== undefined) yield record;
      } else this.#letters(letters);
      at += letters?.length ?? 1;
    }
  }

  #letters(letters: string): void {
    if (this.#pendingReturn) throw quoting("a bare carriage return");
    if (this.#state === "closing") throw quoting("text after a closing quote");
    if (this.#state === "start") this.#state = "bare";
    this.#field += letters;
    if (this.#field.length > FIELD_LIMIT) throw quoting("a field of more than a million letters");
  }

  /** A quote, a comma or a part of a line's end. */
  #sign(sign: string): CsvRecord | undefined {
    if (this.#pendingReturn && sign !== "\n") throw quoting("a bare carriage return");
    this.#pendingReturn = sign === "\r";
    if (sign === '"') this.#quote();
    else if (sign === ",") this.#endField();
    else if (sign === "\n") return this.#endRecord();
    return undefined;
  }

  #quote(): void {
    switch (this.#state) {
      case "start":
        this.#wasQuoted = true;
        this.#state = "quoted";
        return;
      case "quoted":
        this.#state = "closing";
        return;
      case "closing":
        this.#field += '"';
        this.#state = "quoted";
        return;
      case "bare":
        throw quoting("a quote within a field that has none around it");
    }
  }

  /** The last record of a file that does not end with a line break. */
  *end(): Generator<CsvRecord> {
    if (this.#state === "quoted") throw quoting("a quote that is never closed");
    if (this.#record.length === 0 && this.#field === "" && !this.#wasQuoted) return;
    const record = this.#endRecord();
    if (record !== undefined) yield record;
  }
}
