import type { ReactNode } from "react";

interface TableFrameProps {
  label: string;
  className?: string;
  children: ReactNode;
}

/** Contains a table that may be wider than the page. The frame scrolls, also by keyboard. */
export function TableFrame({ label, className = "", children }: TableFrameProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll an area only if it can take the focus
    <section className={`table-frame ${className}`.trim()} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
