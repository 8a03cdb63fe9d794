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

/** The code of a live board, for developers who try the demo. */
export function Recipe() {
  const headingId = useId();
  return (
    <section className="panel recipe" aria-labelledby={headingId}>
      <div className="recipe-words">
        <h2 id={headingId}>This board is one hook</h2>
        <p>
          The rows, their order and every change come over one socket. Redis computes the exact ranks, and the
          client reconnects by itself. You write neither.
        </p>
        <p>No rival at hand? Open this page in a private window, and be your own.</p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll an area only if it can take the focus. */}
      <section className="recipe-code" tabIndex={0} aria-label="The code of a live board">
        <pre>
          <code>{code}</code>
        </pre>
      </section>
    </section>
  );
}
