import type { CheckReport, Finding } from "./checker.ts";

/** A file's own text reaches a terminal here: nothing in it moves the cursor. */
const harmless = (text: string): string => text.replaceAll(/\p{C}/gu, "\ufffd");

function findingText({ rule, severity, text, mend, count, examples }: Finding): string {
  const rows = examples.map(({ row, detail }) => `    ${row === null ? "file" : `row ${row}`}: ${harmless(detail)}`);
  const more = count - examples.length;
  return [
    `${severity === "error" ? "ERROR  " : "warning"} ${rule}  ${count} x  ${text}`,
    ...rows,
    ...(more > 0 ? [`    and ${more} more`] : []),
    `    mend: ${mend}`,
  ].join("\n");
}

/** A report as a person reads it: each rule that was broken, where, and what to do. */
export function reportText(report: CheckReport): string {
  const { dataset, version, rows, rulesChecked, errors, warnings, findings } = report;
  const verdict = errors > 0 ? "FAIL" : "ok  ";
  const summary = `${verdict} ${dataset} ${version}  ${rows} rows, ${rulesChecked} rules: ${errors} errors, ${warnings} warnings`;
  return [...findings.map(findingText), summary].join("\n\n");
}
