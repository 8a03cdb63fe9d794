import type { Entry } from "@grandstand/sdk";
import { useChat, usePresence } from "@grandstand/sdk/react";
import { createContext, type ReactNode, useCallback, useContext, useMemo } from "react";
import { terrace } from "../chat/room.js";
import { CROWD_LIMIT } from "../presence/useCrowd.js";
import { distinctName, sharedNames } from "./shared-names.js";

const SharedNames = createContext<ReadonlySet<string>>(new Set());

/** Finds the names that several users on this page have, for `useName` below. */
export function Names({ entries, children }: { entries: readonly Entry[]; children: ReactNode }) {
  const { members } = usePresence(terrace, { enter: false, limit: CROWD_LIMIT });
  const { messages } = useChat(terrace);
  // `text` changes only if the shared names change. With `text` as the memo key, a new message does not re-render
  // everything that uses the context.
  const text = [
    ...sharedNames([
      ...entries.map(({ member, profile }) => ({ id: member, profile })),
      ...members.map(({ user, profile }) => ({ id: user, profile })),
      ...messages.flatMap(({ user, profile }) => (user === null ? [] : { id: user, profile })),
    ]),
  ].join("\n");
  const shared = useMemo(() => new Set(text === "" ? [] : text.split("\n")), [text]);
  return <SharedNames value={shared}>{children}</SharedNames>;
}

/** @returns the name that the page shows for a user */
export function useName(): (profile: Entry["profile"], id: string) => string {
  const shared = useContext(SharedNames);
  return useCallback((profile, id) => distinctName({ id, profile }, shared), [shared]);
}
