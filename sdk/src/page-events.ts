/** Receives the events of the page that a client runs in. */
export interface PageObserver {
  /** It may be time to reconnect: the page became visible or was unfrozen, or the network changed. */
  onWake(): void;
  /** The user leaves the page. The browser may keep the page and show it again later. */
  onHide(): void;
}

/**
 * Observes the events of the page. Timers alone are not enough, because browsers slow down the timers of
 * hidden pages, so a reconnect could come long after the user has returned. Outside of a browser nothing is
 * reported.
 * @returns a function that stops observing
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
