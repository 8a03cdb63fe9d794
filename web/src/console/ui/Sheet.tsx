import { type ReactNode, useEffect, useId, useRef } from "react";

interface SheetProps {
  title: string;
  lead?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that is as wide as a form. */
export function Sheet({ title, lead, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={titleId} onCancel={onClose}>
      <h2 id={titleId}>{title}</h2>
      {lead && <p className="sheet-lead">{lead}</p>}
      {children}
    </dialog>
  );
}
