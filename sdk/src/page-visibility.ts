/** Browsers slow down the timers of hidden pages. Outside a browser, nothing counts as hidden. */
export function isHidden(): boolean {
  return page()?.visibilityState === "hidden";
}

/** Calls back as soon as the page is visible: now, or when it is shown. @returns a function that cancels it */
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
