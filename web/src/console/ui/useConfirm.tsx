import type { InputOf, OperationName } from "@grandstand/sdk";
import { type ReactNode, useState } from "react";
import { useAction } from "../api/useAction.js";
import { Confirm } from "./Confirm.js";

/** An action that is asked about once, before it is carried out. */
export interface Asked<N extends OperationName = OperationName> {
  title: string;
  text: ReactNode;
  action: string;
  operation: N;
  input: InputOf<N>;
  /** What the announcer says afterwards. */
  done: string;
  isDangerous?: boolean;
  onDone?: () => void;
}

/** @returns how to ask, and the dialog that is open */
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
