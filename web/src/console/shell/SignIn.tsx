import { type FormEvent, useState } from "react";
import { Mark } from "../../shell/Mark.js";
import { type Operator, signIn } from "../api/sign-in.js";
import { asError } from "../api/useRead.js";

/** The console's sign-in page: one field for an API key. */
export function SignIn({
  reason,
  onSignedIn,
}: {
  reason: string | null;
  onSignedIn: (operator: Operator) => void;
}) {
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isRunning, setRunning] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setRunning(true);
    setError(null);
    try {
      onSignedIn(await signIn(key));
    } catch (failure) {
      setError(asError(failure).message);
      setRunning(false);
    }
  };
  return (
    <main className="sign-in">
      <div className="sign-in-seats" aria-hidden="true" />
      <form className="sign-in-card" onSubmit={submit}>
        <p className="wordmark">
          <Mark /> Grandstand
        </p>
        <h1>Console</h1>
        <p className="sign-in-lead">See every node, board, room and user of this system, and act on them.</p>
        {reason !== null && error === null && (
          <p className="sign-in-reason" role="status">
            {reason}
          </p>
        )}
        <label className="field-label" htmlFor="api-key">
          API key
        </label>
        <input
          id="api-key"
          type="password"
          autoComplete="current-password"
          required
          value={key}
          aria-invalid={error !== null}
          aria-describedby={error === null ? "api-key-hint" : "api-key-error"}
          onChange={({ target }) => setKey(target.value)}
        />
        {error === null ? (
          <span className="field-hint" id="api-key-hint">
            One with the scope admin:read, or a key of GRANDSTAND_API_KEYS.
          </span>
        ) : (
          <span className="field-error" id="api-key-error" role="alert">
            {error}
          </span>
        )}
        <button type="submit" className="button primary wide" disabled={isRunning}>
          {isRunning ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
