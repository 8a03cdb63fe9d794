import { type ReactNode, useId } from "react";
import { useModal } from "./useModal.js";

interface SheetProps {
  title: string;
  lead?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that is as wide as a form. */
export function Sheet({ title, lead, onClose, children }: SheetProps) {
  const dialog = useModal();
  const titleId = useId();
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={titleId} onCancel={onClose}>
      <h2 id={titleId}>{title}</h2>
      {lead && <p className="sheet-lead">{lead}</p>}
      {children}
    </dialog>
  );
}
