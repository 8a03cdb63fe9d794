import { type RefObject, useLayoutEffect, useRef } from "react";

/** Opens a dialog over the page while its component is rendered. Afterwards the focus returns to where it was. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  // The browser returns the focus only if the dialog is closed before it is removed from the page.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return dialog;
}
