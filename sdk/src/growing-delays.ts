/** The wait before each further attempt: it doubles up to a limit, and is random by half. */
export function growingDelays(firstMs: number, longestMs: number): () => number {
  let ms = firstMs / 2;
  return () => {
    ms = Math.min(ms * 2, longestMs);
    return ms * (0.5 + Math.random() / 2);
  };
}
