/** A failure whose message says all there is to say. */
export class Failure extends Error {}

/** Ends the process with a message for whoever ran the script. Only a bug is worth its stack. */
export function fail(error) {
  const isBug = [TypeError, ReferenceError, SyntaxError, RangeError].some((kind) => error instanceof kind);
  console.error(isBug ? error : (error?.message ?? error));
  process.exit(1);
}
