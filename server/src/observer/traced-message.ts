/** The length of a `traceparent` of W3C's Trace Context: `00-<32 hex digits>-<16 hex digits>-01`. */
const TRACEPARENT_LENGTH = 55;
/**
 * Separates a message from its trace. No message contains
 * this character, because ids, JSON and numbers have no NUL.
 */
export const TRACE_SEPARATOR = "\0";

/**
 * Splits a message of a topic into the message and the `traceparent` that a script added to it. A script adds a
 * `traceparent` if the node that calls the script traces the call. Nodes that do not trace have to remove it, too.
 */
export function untraced(message: string): { message: string; traceparent: string | undefined } {
  const end = message.length - TRACEPARENT_LENGTH - 1;
  if (message[end] !== TRACE_SEPARATOR) return { message, traceparent: undefined };
  return { message: message.slice(0, end), traceparent: message.slice(end + 1) };
}
