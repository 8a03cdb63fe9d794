import type { GrandstandError } from "@grandstand/sdk";
import { type FormEvent, type ReactNode, useId } from "react";
import { ErrorNote } from "./ErrorNote.js";
import { useModal } from "./useModal.js";

interface ConfirmProps {
  title: string;
  /** What the action does, and to how many things. */
  children: ReactNode;
  action: string;
  isRunning: boolean;
  error: GrandstandError | null;
  isDangerous?: boolean;
  /** The words of the button that closes the dialog; null for no such button. */
  cancel?: string | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** A dialog that names what an action does, and asks before the action runs. */
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
