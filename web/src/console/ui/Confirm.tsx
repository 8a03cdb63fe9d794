import type { GrandstandError } from "@grandstand/sdk";
import { type FormEvent, type ReactNode, useId } from "react";
import { ErrorNote } from "./ErrorNote.js";
import { useModal } from "./useModal.js";

interface ConfirmProps {
  title: string;
  /** What the action does, and to how much. */
  children: ReactNode;
  action: string;
  isRunning: boolean;
  error: GrandstandError | null;
  isDangerous?: boolean;
  /** The words of the button that closes the dialog; null for none. */
  cancel?: string | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once before an action, in words that name what it does. */
export function Confirm({
  title,
  children,
  action,
  isRunning,
  error,
  isDangerous = true,
  cancel = "Cancel",
  onConfirm,
  onClose,
}: ConfirmProps) {
  const dialog = useModal();
  const titleId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <dialog ref={dialog} className="confirm" aria-labelledby={titleId} onCancel={onClose}>
      <form onSubmit={submit}>
        <h2 id={titleId}>{title}</h2>
        <div className="confirm-text">{children}</div>
        {error && <ErrorNote error={error} />}
        <div className="confirm-actions">
          {cancel !== null && (
            <button type="button" className="button" onClick={onClose}>
              {cancel}
            </button>
          )}
          <button
            type="submit"
            className={isDangerous ? "button danger" : "button primary"}
            disabled={isRunning}
          >
            {isRunning ? "Working…" : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
