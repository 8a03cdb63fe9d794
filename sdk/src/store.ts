/**
 * A value that changes, in the shape that React's `useSyncExternalStore` takes. Values are immutable: `get`
 * returns the same object until the value changes. Both functions work without `this`.
 */
export interface Store<T> {
  readonly get: () => T;
  /** @returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
}
