import { useEffect, useRef } from "react";
import type { Pages } from "../api/usePages.js";

/** The next page is read when the button is at most this far outside the browser window. */
const AHEAD = "600px";

/** A button at the end of a list. The next page is read when the button comes near the window, or when it is pressed. */
export function ReadOn({
  hasMore,
  isLoading,
  error,
  loadMore,
}: Pick<Pages<unknown>, "hasMore" | "isLoading" | "error" | "loadMore">) {
  const button = useRef<HTMLButtonElement>(null);
  const more = useRef(loadMore);
  more.current = loadMore;
  // After a failure the operator decides when to try again.
  const isReady = hasMore && !isLoading && error === null;
  useEffect(() => {
    if (!isReady || button.current === null) return;
    const observer = new IntersectionObserver(
      ([end]) => {
        if (end?.isIntersecting) more.current();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [isReady]);
  if (!hasMore) return null;
  return (
    <button ref={button} type="button" className="button more" disabled={isLoading} onClick={loadMore}>
      {isLoading ? "Reading…" : "Show more"}
    </button>
  );
}
