const words: Record<string, string> = {
  loading: "Loading",
  live: "Live",
  catchingUp: "Catching up",
  stale: "Not up to date",
  failed: "Refused",
};

/** Whether what is shown is the current state, in words that are never untrue. */
export function LiveWord({ status }: { status: string }) {
  return (
    <span className={`live-word is-${status}`} role="status">
      {words[status]}
    </span>
  );
}
