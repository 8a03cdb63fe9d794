import type { ReactNode } from "react";

/** Holds a table that may be wider than the page: it scrolls, by keyboard too. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll an area only if it can take the focus
    <section className="table-frame" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
