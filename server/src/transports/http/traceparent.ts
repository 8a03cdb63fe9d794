import type { IncomingHttpHeaders } from "node:http";

/** The caller's span, by the header of W3C's Trace Context. Dispatch ignores an invalid one. */
export function traceparentOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === "string" ? traceparent : undefined;
}
