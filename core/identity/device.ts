/** Order matters: each names itself as those after it, too. */
const BROWSERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bWindows\b/, "Windows"],
  [/\b(?:iPhone|iPad|iPod)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac(?: OS X|intosh)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

export interface Device {
  readonly browser: string;
  readonly system: string;
}

/**
 * What a user recognises an own device by. The header is anybody's text: only a name of ours is taken from it, and no
 * version, so that the list of sign-ins is no fingerprint.
 */
export function deviceOf(userAgent: string): Device {
  const nameIn = (table: typeof BROWSERS): string => table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "other";
  return { browser: nameIn(BROWSERS), system: nameIn(SYSTEMS) };
}
