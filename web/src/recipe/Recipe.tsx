import { useId } from "react";
import "./recipe.css";

const code = `function Board() {
  const { entries } = useLeaderboard("arcade", { top: 10 });
  return (
    <ol>
      {entries.map(({ member, profile, score }) => (
        <li key={member}>{profile?.name ?? member} {score}</li>
      ))}
    </ol>
  );
}`;

/** For those who came to build: the code that a board like this one takes. */
export function Recipe() {
  const headingId = useId();
  return (
    <section className="panel recipe" aria-labelledby={headingId}>
      <div className="recipe-words">
        <h2 id={headingId}>This board is one hook</h2>
        <p>
          The rows, their order and every change come over one socket. Exact ranks are Redis's work, coming
          back after a lost connection is the client's, and neither is yours.
        </p>
        <p>No rival at hand? Open this page in a private window, and be your own.</p>
      </div>
      {/* Scrolls sideways where it is narrow, so the keyboard must be able to reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area needs the focus to be scrolled. */}
      <section className="recipe-code" tabIndex={0} aria-label="The code of a live board">
        <pre>
          <code>{code}</code>
        </pre>
      </section>
    </section>
  );
}
