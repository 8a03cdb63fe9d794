/**
 * Calls a function of the app. An error that the function throws is reported like an uncaught error. It does
 * not interrupt the SDK, because that could leave the SDK's state half changed.
 */
export function callApp<Args extends unknown[]>(
  callback: ((...args: Args) => void) | undefined,
  ...args: Args
): void {
  try {
    callback?.(...args);
  } catch (error) {
    const { reportError } = globalThis as { reportError?: (error: unknown) => void };
    if (reportError) reportError(error);
    else
      setTimeout(() => {
        throw error;
      });
  }
}
