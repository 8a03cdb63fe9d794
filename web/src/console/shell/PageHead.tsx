import { type ReactNode, useEffect } from "react";

interface PageHeadProps {
  title: string;
  /** Leads back to the list of which this is one. */
  back?: { href: string; name: string };
  lead?: ReactNode;
  children?: ReactNode;
}

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
        <h1>{title}</h1>
        {lead && <p className="page-lead">{lead}</p>}
      </div>
      {children && <div className="page-actions">{children}</div>}
    </header>
  );
}
