import type { InputOf, OperationName } from "@grandstand/sdk";
import { type ReactNode, useState } from "react";
import { useAction } from "../api/useAction.js";
import { Confirm } from "./Confirm.js";

/** An action that the operator must confirm before it is carried out. */
export interface Asked<N extends OperationName = OperationName> {
  title: string;
  text: ReactNode;
  action: string;
  operation: N;
  input: InputOf<N>;
  /** What screen readers announce after the action. */
  done: string;
  isDangerous?: boolean;
  onDone?: () => void;
}

/** @returns a function that opens the dialog, and the dialog to render, which is null while it is closed */
export function useConfirm(): [ask: <N extends OperationName>(asked: Asked<N>) => void, dialog: ReactNode] {
  const [asked, setAsked] = useState<Asked | null>(null);
  const action = useAction();
  const close = () => {
    setAsked(null);
    action.clear();
  };
  const dialog = asked && (
    <Confirm
      title={asked.title}
      action={asked.action}
      isDangerous={asked.isDangerous ?? true}
      isRunning={action.isRunning}
      error={action.error}
      onClose={close}
      onConfirm={async () => {
        if ((await action.run(asked.operation, asked.input, asked.done)) === null) return;
        close();
        asked.onDone?.();
      }}
    >
      {asked.text}
    </Confirm>
  );
  return [(next) => setAsked(next as unknown as Asked), dialog];
}
