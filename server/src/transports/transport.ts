/** A transport with live connections. */
export interface LiveTransport {
  /** Terminates the remaining connections. They have received their close notices by then. */
  stop(): Promise<void>;
}
