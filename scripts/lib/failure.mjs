/** A failure whose message says all there is to say. */
export class Failure extends Error {}

/** What to print of an error. Only a bug is worth its stack. */
export function explain(error) {
  const isBug = [TypeError, ReferenceError, SyntaxError, RangeError].some((kind) => error instanceof kind);
  return isBug ? error.stack : (error?.message ?? String(error));
}

/** Ends the process with a message for whoever ran the script. */
export function fail(error) {
  console.error(explain(error));
  process.exit(1);
}
