/**
 * Calls `listener` when the network is back or the page is looked at again. Browsers slow the timers of
 * hidden pages down, so a delay that was running may end long after the user has returned.
 * @returns the function that ends it. Outside a browser nothing is ever called.
 */
export function onWake(listener: () => void): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => {};
  const onVisibilityChange = () => {
    if (document.visibilityState === "visible") listener();
  };
  window.addEventListener("online", listener);
  document.addEventListener("visibilitychange", onVisibilityChange);
  return () => {
    window.removeEventListener("online", listener);
    document.removeEventListener("visibilitychange", onVisibilityChange);
  };
}
