const words: Record<string, string> = {
  loading: "Loading",
  live: "Live",
  catchingUp: "Catching up",
  stale: "Not up to date",
  failed: "Refused",
};

/** The status of a live view, in words. */
export function LiveWord({ status }: { status: string }) {
  return (
    <span className={`live-word is-${status}`} role="status">
      {words[status]}
    </span>
  );
}
