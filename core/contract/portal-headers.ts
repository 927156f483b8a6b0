/**
 * What a browser is told with every answer, of the portal and of the API alike: nothing of ours is framed, sniffed,
 * referred to, opened from elsewhere, or asked for over plain HTTP.
 */
export const commonHeaders = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": [
    "accelerometer=()",
    "browsing-topics=()",
    "camera=()",
    "display-capture=()",
    "geolocation=()",
    "gyroscope=()",
    "hid=()",
    "magnetometer=()",
    "microphone=()",
    "midi=()",
    "payment=()",
    "publickey-credentials-create=(self)",
    "publickey-credentials-get=(self)",
    "serial=()",
    "usb=()",
    "xr-spatial-tracking=()",
  ].join(", "),
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Files whose name holds a hash of their content may be kept for ever; every other file of the portal never. */
export const PORTAL_CACHING = { hashed: "public, max-age=31536000, immutable", other: "no-store" } as const;

/** Where the build puts the files whose names hold their hash. */
export const HASHED_FOLDER = "/app/assets/";

/**
 * The portal's policy: its own files and nothing else, no inline script or style, no string that becomes code or markup
 * (CSP Level 3; Trusted Types with no policy at all). `documentsOrigin` is the one that patients' files are shown from,
 * in a frame: another origin than the portal's, so that a hostile file reaches no session.
 */
export const portalPolicy = (documentsOrigin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    `frame-src ${documentsOrigin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

/**
 * The policy of the page that shows a patient's file: a page of no origin, which runs its own script and nothing else, asks
 * its own address and nothing else, and stands in a frame of the portal and nowhere else. The file reaches it as bytes, and
 * what is shown of it are pixels and text. `blob:` are pictures that it has made of them; WebAssembly decodes the pictures
 * of faxes (JBIG2, CCITT, JPEG 2000), for which there is no script.
 */
export const viewerPolicy = (portalOrigin: string, documentsOrigin: string): string =>
  [
    "default-src 'none'",
    `script-src ${documentsOrigin} 'wasm-unsafe-eval'`,
    `style-src ${documentsOrigin}`,
    "img-src blob:",
    `connect-src ${documentsOrigin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    `frame-ancestors ${portalOrigin}`,
    "sandbox allow-scripts allow-downloads",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

/**
 * Every header of ours on a file of the viewer. A page without an origin is nobody's own, so that its script and styles,
 * which are the same for everybody, may be loaded from everywhere. Browsers that know `frame-ancestors` go by it and not
 * by `X-Frame-Options` (CSP Level 3, 6.4.2.2); all others show no preview.
 */
export const viewerHeaders = (portalOrigin: string, documentsOrigin: string): Readonly<Record<string, string>> => ({
  ...commonHeaders,
  "cross-origin-resource-policy": "cross-origin",
  "cache-control": PORTAL_CACHING.other,
  "content-security-policy": viewerPolicy(portalOrigin, documentsOrigin),
});

/** Every header of ours on a file of the portal, by lower-case name. CloudFront and the local server say the same. */
export const portalHeaders = (
  documentsOrigin: string,
  caching: keyof typeof PORTAL_CACHING,
): Readonly<Record<string, string>> => ({
  ...commonHeaders,
  "cache-control": PORTAL_CACHING[caching],
  "content-security-policy": portalPolicy(documentsOrigin),
});
