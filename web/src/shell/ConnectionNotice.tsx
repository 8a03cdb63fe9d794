import { useConnection } from "@grandstand/sdk/react";
import "./connection-notice.css";

/** Explains a connection that is not live. CSS delays it, so that it does not show for short interruptions. */
export function ConnectionNotice({ onLeave }: { onLeave: () => void }) {
  const { status, error } = useConnection();
  if (status === "live" || status === "catchingUp") return null;
  if (status === "closed") {
    return (
      <div className="notice" role="alert" data-status={status}>
        <p>The server ended this visit{error ? `: ${error.message}` : ""}.</p>
        <button type="button" className="line-button" onClick={onLeave}>
          Begin anew
        </button>
      </div>
    );
  }
  return (
    <div className="notice" role="status" data-status={status}>
      <p>
        {status === "connecting"
          ? "The server hasn't answered yet. Still trying."
          : "Connection lost. It comes back by itself; the board shows what was last known."}
      </p>
    </div>
  );
}
