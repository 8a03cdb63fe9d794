import { type RefObject, useEffect, useState } from "react";

/**
 * Whether the user can see an element: the element is within the visible part of the page, and the page is
 * not hidden.
 */
export function useInView(element: RefObject<HTMLElement | null>): boolean {
  const [isIntersecting, setIntersecting] = useState(false);
  const [isVisible, setVisible] = useState(() => document.visibilityState === "visible");

  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(([entry]) => setIntersecting(entry?.isIntersecting ?? false), {
      threshold: 0.5,
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);

  useEffect(() => {
    const onChange = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);

  return isIntersecting && isVisible;
}
