import { useConnection } from "@grandstand/sdk/react";
import "./footer.css";

/** Shows the version and id of the connected node. The id changes when the client moves to another node. */
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
