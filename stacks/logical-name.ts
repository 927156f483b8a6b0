/** `("Fn", "cross-check")` is `FnCrossCheck`. */
export function logicalName(prefix: string, name: string): string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return prefix + words.join("");
}
