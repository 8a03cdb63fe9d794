import "./you.css";

/** Marks what is one's own in a list of people's. */
export function You() {
  return <span className="you">You</span>;
}
