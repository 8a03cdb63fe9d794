import { useSyncExternalStore } from "react";
import type { Doing } from "./doing.js";

/** What one does here; away while the page is out of sight. */
export function useDoing(isPlaying: boolean, isWriting: boolean): Doing {
  const isHidden = useSyncExternalStore(onVisibilityChange, () => document.visibilityState === "hidden");
  if (isHidden) return "away";
  if (isPlaying) return "playing";
  return isWriting ? "writing" : "watching";
}

function onVisibilityChange(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
