/** A file of the device: made here, and named by nothing of anybody. */
export interface SavedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string | Blob;
}

/** Gives somebody a file to keep, as a link that is followed at once. What it led to is forgotten after it. */
export function saveFile({ name, mediaType, content }: SavedFile): void {
  const address = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser takes it over after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
