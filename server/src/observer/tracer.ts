/** The attributes of a span. No value names a user, a room or an address. */
export type SpanAttributes = Record<string, string | number>;

/** The side of the work that a span shows. */
export type SpanKind = "server" | "client" | "consumer" | "internal";

/** A span in progress. */
export interface Span {
  set(attributes: SpanAttributes): void;
  /** Marks the work as failed. */
  fail(reason: string): void;
}

/**
 * The port through which the layers open spans. A span ends when its work returns, or when the promise of its work settles.
 * Work that begins within another span becomes its child.
 */
export interface Tracer {
  /** Runs work in a span. @param traceparent its parent, in W3C's format; invalid ones are ignored */
  span<T>(name: string, kind: SpanKind, traceparent: string | undefined, work: (span: Span) => T): T;
  /** Runs work in a span, but only within another one. Work in the background makes no traces. */
  child<T>(name: string, kind: SpanKind, attributes: SpanAttributes, work: () => T): T;
  /** The present span in W3C's format, if it is recorded. */
  readonly traceparent: string | undefined;
}

/** The traces of one node. */
export interface Traces {
  /** Undefined: nothing is traced. */
  tracer: Tracer | undefined;
  /** Sends what is left. Resolves within about a second. */
  close(): Promise<void>;
}
