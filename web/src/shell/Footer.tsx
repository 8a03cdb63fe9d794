import { useConnection } from "@grandstand/sdk/react";
import "./footer.css";

/** Whom one is talking to. The node's name changes when another one takes over. */
export function Footer() {
  const { welcome } = useConnection();
  return (
    <footer className="footer">
      <p>Boards, presence, chat and counters in real time, on your own Redis.</p>
      {welcome && (
        <p className="figures">
          Grandstand {welcome.version}, node {welcome.nodeId}
        </p>
      )}
    </footer>
  );
}
