/** Brings the focus to the field of a section, by the label that it has on the page. */
export function focusField(label: string): void {
  const found = [...document.querySelectorAll("label")].find((each) => each.textContent?.trim().startsWith(label));
  found?.control?.focus();
  found?.control?.scrollIntoView({ block: "center" });
}

/** Puts the caret of the field that has the focus, once the page shows its new text. */
export function moveCaret(at: number): void {
  requestAnimationFrame(() => {
    const field = document.activeElement;
    if (field instanceof HTMLTextAreaElement) field.setSelectionRange(at, at);
  });
}
