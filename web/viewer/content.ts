/** More than any file that is kept: an answer that goes on for ever is none of ours. */
const PARTS_MAX = 16;

/**
 * The bytes that a ticket opens, part by part, each ticket once. A page without an origin has no cookie to send and no
 * answer to keep.
 * @throws Error where a ticket opens nothing; why is told to nobody.
 */
export async function fetchContent(ticket: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: ArrayBuffer[] = [];
  let next: string | null = ticket;
  while (next !== null && parts.length < PARTS_MAX) {
    const response: Response = await fetch("/document-content", {
      method: "POST",
      body: new URLSearchParams({ ticket: next }),
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    if (!response.ok) throw new Error("the ticket opens nothing");
    parts.push(await response.arrayBuffer());
    next = response.headers.get("x-next-ticket");
  }
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return whole;
}
