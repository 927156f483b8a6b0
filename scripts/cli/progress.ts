/** A line that is written over on a terminal, and not at all where nobody sees it. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr) {
  const isShown = stream.isTTY;
  let lastAtMs = 0;
  return {
    show(text: string): void {
      if (!isShown || Date.now() - lastAtMs < 100) return;
      lastAtMs = Date.now();
      stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, stream.columns - 1))}`);
    },
    clear(): void {
      if (isShown) stream.write("\r\u001b[2K");
    },
  };
}
