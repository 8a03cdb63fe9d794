import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { excerptOf } from "./message-text.js";
import { useSender } from "./useSender.js";
import "./composer.css";

/** Whether the composer writes a reply, edits a message, or (null) writes a new message. */
export type ComposerMode = { kind: "reply" | "edit"; message: ShownMessage } | null;

interface ComposerProps {
  chat: ChatRoom;
  mode: ComposerMode;
  onTextChange: (hasText: boolean) => void;
  onDone: () => void;
}

/** The server's limit for the text of a message, in characters. */
const MAX_LENGTH = 4_000;

/** The form for a new message, a reply, or an edit. */
export function Composer({ chat, mode, onTextChange, onDone }: ComposerProps) {
  const [text, setText] = useState(mode?.kind === "edit" ? mode.message.text : "");
  const senderOf = useSender();
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();

  useEffect(() => {
    if (mode) field.current?.focus();
  }, [mode]);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "") return;
    onTextChange(false);
    const offset = mode?.message.offset ?? null;
    if (mode?.kind === "edit" && offset !== null) {
      chat.edit(offset, { text }).then(onDone, (error: Error) => setProblem(error.message));
      return;
    }
    chat.send({ text, replyTo: offset });
    setText("");
    onDone();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && mode) onDone();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form className="composer" onSubmit={submit}>
      {mode && (
        <p className="composer-mode">
          <span>
            {mode.kind === "edit" ? "Edit: " : `Reply to ${senderOf(mode.message)}: `}
            {excerptOf(mode.message)}
          </span>
          <button type="button" className="quiet-button" onClick={onDone}>
            Cancel
          </button>
        </p>
      )}
      <label htmlFor={fieldId} className="visually-hidden">
        Your message
      </label>
      <div className="composer-row">
        <textarea
          ref={field}
          id={fieldId}
          rows={1}
          maxLength={MAX_LENGTH}
          placeholder="Say something to the terrace"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            onTextChange(event.target.value !== "");
            if (event.target.value !== "") chat.tellTyping();
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="composer-send">
          {mode?.kind === "edit" ? "Save" : "Send"}
        </button>
      </div>
      {problem !== null && (
        <p className="composer-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
