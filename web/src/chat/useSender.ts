import type { ShownMessage } from "@grandstand/sdk";
import { useCallback } from "react";
import { useName } from "../names/Names.js";

/** @returns the name of a message's sender; "Grandstand" for a message that a server wrote without a profile */
export function useSender(): (message: Pick<ShownMessage, "profile" | "user">) => string {
  const nameOf = useName();
  return useCallback(({ profile, user }) => nameOf(profile, user ?? "Grandstand"), [nameOf]);
}
