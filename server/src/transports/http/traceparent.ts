import type { IncomingHttpHeaders } from "node:http";

/**
 * The header `traceparent` of W3C Trace Context, which names the caller's span. Dispatch ignores an invalid
 * value.
 */
export function traceparentOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === "string" ? traceparent : undefined;
}
