import type { ReactNode } from "react";
import { useId } from "react";
import "./panel.css";

interface PanelProps {
  title: string;
  /** A short text beside the title. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A section of the page with a heading. The class name sets its width in the grid. */
export function Panel({ title, aside, className = "", children }: PanelProps) {
  const headingId = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={headingId}>
      <header className="panel-head">
        <h2 id={headingId}>{title}</h2>
        {aside !== undefined && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
