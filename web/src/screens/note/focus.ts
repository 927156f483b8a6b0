/** Brings the focus to the field of a section, by the label that it has on the page. */
export function focusField(label: string): void {
  const found = [...document.querySelectorAll("label")].find((each) => each.textContent?.trim().startsWith(label));
  found?.control?.focus();
  found?.control?.scrollIntoView({ block: "center" });
}
