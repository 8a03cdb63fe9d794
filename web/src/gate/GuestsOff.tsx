import "./guests-off.css";

/** Explains how to allow guests. Whoever sees this page is probably the operator of the server. */
export function GuestsOff({ onTryAgain }: { onTryAgain: () => void }) {
  return (
    <section className="guests-off" role="alert">
      <h2>Guests are off on this server</h2>
      <p>
        It runs, but it wants a token from everyone, as a server in production should. If it's yours and this
        is a demo, start it with guests on:
      </p>
      <code>GRANDSTAND_GUESTS=on</code>
      <button type="button" className="line-button" onClick={onTryAgain}>
        Try again
      </button>
    </section>
  );
}
