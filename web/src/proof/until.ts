/** The methods of a live store that `until` uses. */
interface Watched<S> {
  get(): S;
  subscribe(listener: () => void): () => void;
}

/**
 * Waits until `read` finds something in the state of a store.
 * @throws {Error} with the given message after the timeout
 */
export function until<S, T>(
  store: Watched<S>,
  read: (state: S) => T | undefined,
  { timeoutMs, message }: { timeoutMs: number; message: string },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop = (): void => {};
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      // `store.subscribe` may call the listener before it returns `stop`.
      queueMicrotask(() => stop());
      finish();
    };
    const look = (): void => {
      const found = read(store.get());
      if (found !== undefined) settle(() => resolve(found));
    };
    const timer = setTimeout(() => settle(() => reject(new Error(message))), timeoutMs);
    stop = store.subscribe(look);
    look();
  });
}
