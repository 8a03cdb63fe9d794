/**
 * A value that changes, in the shape that React's `useSyncExternalStore` takes. Values are immutable: `get`
 * returns the same object until something changed. Both functions work without their `this`.
 */
export interface Store<T> {
  readonly get: () => T;
  /** @returns the function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
}
