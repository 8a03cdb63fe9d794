/** An error whose message is all that the user needs, without a stack trace. */
export class Failure extends Error {}

/** The text to print for an error. Only bugs get a stack trace, not wrong arguments of the command. */
export function explain(error) {
  if (error?.code?.startsWith?.("ERR_PARSE_ARGS")) return error.message;
  const isBug = [TypeError, ReferenceError, SyntaxError, RangeError].some((kind) => error instanceof kind);
  return isBug ? error.stack : (error?.message ?? String(error));
}

/** Prints the error and exits with status 1. */
export function fail(error) {
  console.error(explain(error));
  process.exit(1);
}
