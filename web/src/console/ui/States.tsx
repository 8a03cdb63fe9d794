import type { ReactNode } from "react";

/** Shown in place of an empty list: why it is empty, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg viewBox="0 0 64 40" width="64" height="40" aria-hidden="true">
        {[0, 1, 2].map((row) =>
          [0, 1, 2, 3, 4].map((seat) => (
            <rect key={`${row} ${seat}`} x={4 + seat * 12} y={3 + row * 13} width="8" height="8" rx="2.5" />
          )),
        )}
      </svg>
      <p className="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Placeholders for rows that are still loading. */
export function LoadingRows({ rows = 5 }: { rows?: number }) {
  return (
    <div className="loading-rows" role="status">
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all the same
        <span key={at} className="loading-row" />
      ))}
      <span className="loading-word">Loading…</span>
    </div>
  );
}
