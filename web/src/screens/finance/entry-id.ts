/** Lower-case Crockford base32: the grammar of the ids of core/kernel/ids.ts, which the browser makes one of itself. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;

/** An id for what is about to be entered: 128 random bits, so that a repeat of the request is the same entry. */
export function newEntryId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  // The first character holds three bits.
  return [...bytes].map((byte, index) => ALPHABET[index === 0 ? byte % 8 : byte % 32] ?? "0").join("");
}
