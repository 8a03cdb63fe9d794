import type { KeyboardEvent } from "react";

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };
const CONTROLS = "a[href], button:not(:disabled)";

/** Up and down move the focus to the same control of the row before or after. */
export function moveByArrow(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (step === undefined) return;
  // A table may have several `tbody` elements, each with this handler. The focus moves through the rows of all of them.
  const scope = event.currentTarget.closest("table") ?? event.currentTarget;
  const rows = [...scope.querySelectorAll("li, tr, [role=listitem]")]
    .map((row) => [...row.querySelectorAll<HTMLElement>(CONTROLS)])
    .filter(({ length }) => length > 0);
  const from = rows.findIndex((controls) => controls.includes(event.target as HTMLElement));
  const next = rows[from + step];
  if (from === -1 || next === undefined) return;
  event.preventDefault();
  next[Math.min(rows[from]!.indexOf(event.target as HTMLElement), next.length - 1)]!.focus();
}
