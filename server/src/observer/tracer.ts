/** The attributes of a span. No value names a user, a room or an address. */
export type SpanAttributes = Record<string, string | number>;

/** The role of the work that a span describes, as in OpenTelemetry. */
export type SpanKind = "server" | "client" | "consumer" | "internal";

/** A span in progress. */
export interface Span {
  set(attributes: SpanAttributes): void;
  /** Marks the work as failed. */
  fail(reason: string): void;
}

/**
 * Opens spans. A span ends when its work returns, or when the promise of its work settles. A span that begins
 * within another span becomes a child of that span.
 */
export interface Tracer {
  /** Runs work in a span. @param traceparent the parent of the span, in W3C's format; an invalid value is ignored */
  span<T>(name: string, kind: SpanKind, traceparent: string | undefined, work: (span: Span) => T): T;
  /** Runs work in a span if another span is open. Background work has no open span, so it begins no trace. */
  child<T>(name: string, kind: SpanKind, attributes: SpanAttributes, work: () => T): T;
  /** The current span in W3C's format; undefined if there is none or it is not sampled. */
  readonly traceparent: string | undefined;
}

/** The traces of one node. */
export interface Traces {
  /** Undefined: nothing is traced. */
  tracer: Tracer | undefined;
  /** Sends the spans that are not exported yet. Resolves within about a second. */
  close(): Promise<void>;
}
