import type { ReactNode } from "react";
import { useId } from "react";

interface PanelProps {
  title: string;
  /** A short text next to the title. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A section of a page with a heading. The demo and the console each have a style for it. */
export function Panel({ title, aside, className = "", children }: PanelProps) {
  const headingId = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={headingId}>
      <header className="panel-head">
        <h2 id={headingId}>{title}</h2>
        {aside && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
