import "./you.css";

/** A tag that marks the user's own item in a list. */
export function You() {
  return <span className="you">You</span>;
}
