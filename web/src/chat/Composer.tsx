import type { ChatRoom } from "@grandstand/sdk/react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Intent } from "./intent.js";
import { excerptOf, senderOf } from "./wording.js";
import "./composer.css";

interface ComposerProps {
  chat: ChatRoom;
  intent: Intent;
  onWriting: (hasText: boolean) => void;
  onDone: () => void;
}

/** As the server has it. */
const MAX_LENGTH = 4_000;

/** Where one writes: something new, an answer, or a message anew. */
export function Composer({ chat, intent, onWriting, onDone }: ComposerProps) {
  const [text, setText] = useState(intent?.kind === "edit" ? intent.message.text : "");
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();

  useEffect(() => {
    if (intent) field.current?.focus();
  }, [intent]);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === "") return;
    onWriting(false);
    const offset = intent?.message.offset ?? null;
    if (intent?.kind === "edit" && offset !== null) {
      chat.edit(offset, { text }).then(onDone, (error: Error) => setProblem(error.message));
      return;
    }
    chat.send({ text, replyTo: offset });
    setText("");
    onDone();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && intent) onDone();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form className="composer" onSubmit={submit}>
      {intent && (
        <p className="composer-intent">
          <span>
            {intent.kind === "edit" ? "Changing " : <strong>{senderOf(intent.message)} </strong>}
            {excerptOf(intent.message)}
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
            onWriting(event.target.value !== "");
            if (event.target.value !== "") chat.tellTyping();
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className="composer-send">
          {intent?.kind === "edit" ? "Save" : "Send"}
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
