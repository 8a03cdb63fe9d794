/**
 * @returns a function that returns the next delay: delays double up to a limit, and jitter shortens them by
 * up to half
 */
export function growingDelays(firstMs: number, longestMs: number): () => number {
  let ms = firstMs / 2;
  return () => {
    ms = Math.min(ms * 2, longestMs);
    return ms * (0.5 + Math.random() / 2);
  };
}
