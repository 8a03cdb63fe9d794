/**
 * Calls a function of the app. An error of it is reported like an uncaught one, and does not disturb the SDK, whose
 * state would otherwise be half changed.
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
