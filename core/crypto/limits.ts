/** Hard limits of the sealed format and of data keys. Sources: core/crypto/README.md, "Limits". */
export const LIMITS = {
  /** NIST SP 800-38D 8.3 gives 2^32 for random nonces; each item here has a key of its own, so this is far inside. */
  itemsPerKeyVersion: 2 ** 32,
  /** A data key seals for a year; it opens for as long as rows name it. */
  sealingAgeMs: 365 * 24 * 60 * 60 * 1000,
  /** The age at which a signal asks for a rotation. */
  rotationDueMs: 335 * 24 * 60 * 60 * 1000,
  /** A signed attribute stays in the clear: routing, never content. */
  signedAttributeBytes: 64 * 1024,
  /** One sealed attribute, after compression: what remains of DynamoDB's 400 KB item beside keys, header and MAC. */
  sealedAttributeBytes: 390 * 1024,
  /** One attribute before sealing, and the most that decompression may yield: 1 MiB. */
  plainAttributeBytes: 1024 * 1024,
  /** DynamoDB's limit for an item, names and values: Developer Guide, "Quotas", 400 KB. */
  rowBytes: 400 * 1024,
  encryptedAttributes: 16,
  legendEntries: 64,
} as const;
