import { useSyncExternalStore } from "react";
import type { Activity } from "./activity.js";

/** The user's own activity: away while the page is hidden. */
export function useActivity(isPlaying: boolean, isWriting: boolean): Activity {
  const isHidden = useSyncExternalStore(onVisibilityChange, () => document.visibilityState === "hidden");
  if (isHidden) return "away";
  if (isPlaying) return "playing";
  return isWriting ? "writing" : "watching";
}

function onVisibilityChange(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
