/**
 * An enrolment code: 125 random bits as 25 characters of Crockford base32, in five groups that can be read aloud. Nothing
 * of a person or a clinic is in it.
 */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const CODE_PATTERN = /^[0-9A-HJKMNP-TV-Z]{25}$/;
const GROUP = 5;

/** The code that somebody typed: spaces and dashes left out, small letters and look-alikes read as what they are. */
export const readCode = (text: string): string =>
  text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");

/** As it is shown: `7K2QF-...`. */
export const showCode = (code: string): string => code.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? code;

/** @param bytes 25 random bytes; five bits of each are used. */
export const codeOf = (bytes: Uint8Array): string => [...bytes].map((byte) => ALPHABET.charAt(byte & 31)).join("");
