/** Whether the page is hidden, such as in a background tab. False outside of a browser. */
export function isHidden(): boolean {
  return page()?.visibilityState === "hidden";
}

/**
 * Calls `callback` now if the page is visible, or once it becomes visible.
 * @returns a function that prevents a call that is still waiting
 */
export function whenVisible(callback: () => void): () => void {
  if (!isHidden()) {
    callback();
    return () => {};
  }
  const stop = () => page()?.removeEventListener("visibilitychange", onChange);
  const onChange = () => {
    if (isHidden()) return;
    stop();
    callback();
  };
  page()?.addEventListener("visibilitychange", onChange);
  return stop;
}

function page(): Document | undefined {
  return (globalThis as { document?: Document }).document;
}
