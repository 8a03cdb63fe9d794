import type { GrandstandError } from "@grandstand/sdk";
import { arcadeBoard } from "./arcade.js";

/** Shown when the board cannot be read. Explains what the visitor can do. */
export function BoardFailure({ error }: { error: Pick<GrandstandError, "code" | "message"> | null }) {
  return (
    <div className="board-message" role="alert">
      <p>
        {error?.code === "not_found"
          ? `There is no board “${arcadeBoard}” on this server. The demo creates it when it starts; on a server of your own, configure it once with an API key.`
          : `The board can't be read: ${error?.message ?? "the server didn't say why"}.`}
      </p>
      <button type="button" className="line-button" onClick={() => window.location.reload()}>
        Try again
      </button>
    </div>
  );
}
