import type { GrandstandError } from "@grandstand/sdk";

/** Why a call failed, in the server's own words, and whether the call may have taken effect nevertheless. */
export function ErrorNote({ error, onRetry }: { error: GrandstandError; onRetry?: () => void }) {
  return (
    <div className="error-note" role="alert">
      <p>
        <strong>{titleOf(error)}</strong> {sentence(error.message)}
      </p>
      {error.mayHaveTakenEffect && (
        <p>It may have been carried out all the same: look before you repeat it.</p>
      )}
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

const titles: Partial<Record<GrandstandError["code"], string>> = {
  forbidden: "Not allowed.",
  not_found: "Not found.",
  conflict: "Not possible now.",
  rate_limited: "Too many calls.",
  unavailable: "No answer.",
  internal: "The server failed.",
  unauthenticated: "Signed out.",
};

function titleOf({ code }: GrandstandError): string {
  return titles[code] ?? "Refused.";
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
