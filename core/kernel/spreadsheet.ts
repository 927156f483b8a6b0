/**
 * What a spreadsheet takes for a formula where a cell begins with it (OWASP ASVS 5.0 1.2.10), with the full-width forms that
 * some fold to the plain ones.
 */
const TRIGGER = /^[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;

export const startsFormula = (text: string): boolean => TRIGGER.test(text);

/** A field in quotes, RFC 4180. */
export const csvQuoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A cell of CSV for a spreadsheet: an apostrophe before what would be a formula makes it text again. OWASP, "CSV Injection". */
export const csvCell = (text: string): string => csvQuoted(startsFormula(text) ? `'${text}` : text);
