/** A transport with live connections. */
export interface LiveTransport {
  /** Ends what is left of it without a word; the node's connections have been told by then. */
  stop(): Promise<void>;
}
