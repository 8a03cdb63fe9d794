import { type ReactNode, useEffect } from "react";

interface PageHeadProps {
  title: string;
  /** A link back to the list that contains the subject of this page. */
  back?: { href: string; name: string };
  /** The line below the title. Null while its content is being loaded: the line is then empty. */
  lead?: ReactNode;
  children?: ReactNode;
}

/** A title with more characters, such as a URL, has a smaller font. */
const LONG = 24;

export function PageHead({ title, back, lead, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Grandstand console`;
  }, [title]);
  return (
    <header className="page-head">
      <div className="page-title">
        {back && (
          <a className="back" href={back.href}>
            {back.name}
          </a>
        )}
        <h1 className={title.length > LONG ? "is-long" : undefined}>{title}</h1>
        {lead !== undefined && <p className="page-lead">{lead ?? "\u00a0"}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </header>
  );
}
