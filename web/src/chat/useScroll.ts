import type { ChatRoom } from "@grandstand/sdk/react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useInView } from "./useInView.js";

/** Within this distance the list counts as scrolled to its end or to its top. */
const NEAR_END_PX = 40;
const NEAR_TOP_PX = 240;

/** Keeps the scroll position stable: at the end as new messages arrive, or in place as older messages load above. */
export function useScroll({ messages, loadOlder, hasMore, markRead }: ChatRoom) {
  const scroller = useRef<HTMLElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const isInView = useInView(scroller);
  /** The distance between the visible part and the end of the list at the last render, in pixels. */
  const fromEnd = useRef(0);
  const firstKey = useRef<string | undefined>(undefined);

  const toEnd = useCallback(() => {
    const list = scroller.current;
    if (list) list.scrollTop = list.scrollHeight;
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: isInView reruns this when a hidden list is shown.
  useLayoutEffect(() => {
    const list = scroller.current;
    // A list of height 0 is hidden behind another tab. Its position is restored when the list is shown again.
    if (!list || list.clientHeight === 0) return;
    const hasOlder = firstKey.current !== messages[0]?.key;
    firstKey.current = messages[0]?.key;
    if (fromEnd.current <= NEAR_END_PX || hasOlder) {
      list.scrollTop = list.scrollHeight - list.clientHeight - Math.max(0, fromEnd.current);
    }
    fromEnd.current = list.scrollHeight - list.clientHeight - list.scrollTop;
  }, [messages, isInView]);

  const readOlder = useCallback(() => {
    const list = scroller.current;
    // After a failure, the next scroll event tries again.
    if (hasMore && list && list.scrollTop < NEAR_TOP_PX) loadOlder().catch(() => {});
  }, [hasMore, loadOlder]);

  const onScroll = useCallback(() => {
    const list = scroller.current;
    if (!list || list.clientHeight === 0) return;
    fromEnd.current = list.scrollHeight - list.clientHeight - list.scrollTop;
    setAtEnd(fromEnd.current <= NEAR_END_PX);
    readOlder();
  }, [readOlder]);

  // The newest message is visible, so the room counts as read.
  useEffect(() => {
    if (isAtEnd && isInView && messages.length > 0) markRead().catch(() => {});
  }, [isAtEnd, isInView, messages, markRead]);

  return { scroller, onScroll, isAtEnd, toEnd };
}
