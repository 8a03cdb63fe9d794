import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { Span, SpanKind, Tracer, Traces } from "../../observer/tracer.js";

const kinds: Record<SpanKind, OtelSpanKind> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  consumer: OtelSpanKind.CONSUMER,
  internal: OtelSpanKind.INTERNAL,
};
/**
 * For this long after its start, a span may get child spans. Without this limit, a timer that a call started would add
 * spans to the trace of the call forever.
 */
const TRACE_MS = 10_000;
/** How long a stop waits for a collector that does not answer. */
const FLUSH_TIMEOUT_MS = 1_000;

/**
 * Exports spans with OpenTelemetry. OpenTelemetry's environment variables `OTEL_*` set the collector, and the share of
 * traces to sample.
 */
export function startSdk({ nodeId, version }: { nodeId: string; version: string }): Traces {
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        "service.name": process.env.OTEL_SERVICE_NAME ?? "grandstand",
        "service.version": version,
        "service.instance.id": nodeId,
      }),
    ),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  return {
    tracer: new SdkTracer(provider.getTracer("grandstand", version)),
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
      });
      await Promise.race([provider.shutdown().catch(() => {}), timeout]);
      clearTimeout(timer);
    },
  };
}

interface Active {
  span: OtelSpan;
  context: Context;
  startedAt: number;
}

class SdkTracer implements Tracer {
  readonly #tracer: OtelTracer;
  readonly #active = new AsyncLocalStorage<Active>();

  constructor(tracer: OtelTracer) {
    this.#tracer = tracer;
  }

  get traceparent(): string | undefined {
    const active = this.#current;
    if (active === undefined) return undefined;
    const { traceId, spanId, traceFlags } = active.span.spanContext();
    return (traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : `00-${traceId}-${spanId}-01`;
  }

  span<T>(name: string, kind: SpanKind, traceparent: string | undefined, work: (span: Span) => T): T {
    const parent = contextOf(traceparent) ?? this.#current?.context ?? ROOT_CONTEXT;
    return this.#run(this.#tracer.startSpan(name, { kind: kinds[kind] }, parent), parent, work);
  }

  child<T>(name: string, kind: SpanKind, attributes: Record<string, string | number>, work: () => T): T {
    const active = this.#current;
    if (active === undefined) return work();
    const span = this.#tracer.startSpan(name, { kind: kinds[kind], attributes }, active.context);
    return this.#run(span, active.context, work);
  }

  get #current(): Active | undefined {
    const active = this.#active.getStore();
    return active === undefined || performance.now() - active.startedAt > TRACE_MS ? undefined : active;
  }

  #run<T>(span: OtelSpan, parent: Context, work: (span: Span) => T): T {
    const active = { span, context: trace.setSpan(parent, span), startedAt: performance.now() };
    const handle: Span = {
      set: (attributes) => void span.setAttributes(attributes),
      fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
    };
    try {
      const result = this.#active.run(active, work, handle);
      if (!(result instanceof Promise)) {
        span.end();
        return result;
      }
      result.then(
        () => span.end(),
        () => {
          handle.fail("rejected");
          span.end();
        },
      );
      return result;
    } catch (error) {
      handle.fail("threw");
      span.end();
      throw error;
    }
  }
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function contextOf(traceparent: string | undefined): Context | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags!, 16),
    isRemote: true,
  });
}
