/** What happens to the page that a client runs in. */
export interface PageObserver {
  /** The user or the network may be back: the page is visible or no longer frozen, or the network changed. */
  onWake(): void;
  /** The page is being left. The browser may keep it and show it again later. */
  onHide(): void;
}

/**
 * Observes the page. Browsers slow down the timers of hidden pages, so a delay may end long after the user has returned.
 * @returns a function that ends it. Outside of a browser nothing is ever reported.
 */
export function observePage(observer: PageObserver): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => {};
  if (typeof window.addEventListener !== "function") return () => {};
  const onWake = () => observer.onWake();
  const onHide = () => observer.onHide();
  const onVisibilityChange = () => {
    if (document.visibilityState === "visible") onWake();
  };
  const onPageShow = (event: Event) => {
    if ((event as PageTransitionEvent).persisted) onWake();
  };
  const listeners: [EventTarget, string, (event: Event) => void][] = [
    [window, "online", onWake],
    [window, "offline", onWake],
    [window, "pageshow", onPageShow],
    [window, "pagehide", onHide],
    [document, "resume", onWake],
    [document, "visibilitychange", onVisibilityChange],
  ];
  for (const [target, event, listener] of listeners) target.addEventListener(event, listener);
  return () => {
    for (const [target, event, listener] of listeners) target.removeEventListener(event, listener);
  };
}
