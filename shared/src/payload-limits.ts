const KIB = 1024;

/**
 * The limits of one request. They have a file of their own, because clients need these limits and no others.
 */
export const payloadLimits = {
  /** Bytes of a REST body or a socket frame. */
  bodyBytes: 64 * KIB,
  /** Bytes of the body or frame of an operation that carries many items. */
  batchBodyBytes: 1024 * KIB,
  /**
   * How many lines one import over a socket may have. Over REST the server splits the body into parts with at most
   * this number of lines.
   */
  linesPerImport: 1_000,
} as const;
