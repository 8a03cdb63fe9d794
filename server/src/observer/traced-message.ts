/** The length of W3C's `traceparent`, such as 00-<32 hex digits>-<16 hex digits>-01. */
const TRACEPARENT_LENGTH = 55;
/** No message contains it: ids, JSON and numbers have no NUL. */
export const TRACE_SEPARATOR = "\0";

/**
 * Takes the trace off a message of a topic. A script adds it when its node traces the call; other nodes receive it, too.
 */
export function untraced(message: string): { message: string; traceparent: string | undefined } {
  const end = message.length - TRACEPARENT_LENGTH - 1;
  if (message[end] !== TRACE_SEPARATOR) return { message, traceparent: undefined };
  return { message: message.slice(0, end), traceparent: message.slice(end + 1) };
}
