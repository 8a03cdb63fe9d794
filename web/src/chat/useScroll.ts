import type { ChatRoom } from "@grandstand/sdk/react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** How near to an edge counts as there, in pixels. */
const NEAR_END = 40;
const NEAR_TOP = 240;

/** Keeps a list of messages where its reader is: at the end as it grows, or where it was as older ones come above. */
export function useScroll({ messages, loadOlder, hasMore, markRead }: ChatRoom) {
  const scroller = useRef<HTMLElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  /** How far above the end the reader was, when the list was last drawn. */
  const fromEnd = useRef(0);
  const firstKey = useRef<string | undefined>(undefined);

  const toEnd = useCallback(() => {
    const list = scroller.current;
    if (list) list.scrollTop = list.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const list = scroller.current;
    if (!list) return;
    const hasOlder = firstKey.current !== messages[0]?.key;
    firstKey.current = messages[0]?.key;
    if (fromEnd.current <= NEAR_END || hasOlder) {
      list.scrollTop = list.scrollHeight - list.clientHeight - Math.max(0, fromEnd.current);
    }
    fromEnd.current = list.scrollHeight - list.clientHeight - list.scrollTop;
  }, [messages]);

  const readOlder = useCallback(() => {
    const list = scroller.current;
    // What fails is tried again with the next scroll.
    if (hasMore && list && list.scrollTop < NEAR_TOP) loadOlder().catch(() => {});
  }, [hasMore, loadOlder]);

  const onScroll = useCallback(() => {
    const list = scroller.current;
    if (!list) return;
    fromEnd.current = list.scrollHeight - list.clientHeight - list.scrollTop;
    setAtEnd(fromEnd.current <= NEAR_END);
    readOlder();
  }, [readOlder]);

  // What is in sight has been read.
  useEffect(() => {
    if (isAtEnd && messages.length > 0 && document.visibilityState === "visible") markRead().catch(() => {});
  }, [isAtEnd, messages, markRead]);

  return { scroller, onScroll, isAtEnd, toEnd };
}
