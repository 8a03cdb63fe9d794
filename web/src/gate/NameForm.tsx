import { type FormEvent, useId, useState } from "react";
import { entryErrorOf } from "./entry-error.js";
import "./name-form.css";

interface NameFormProps {
  formerName: string | null;
  onEnter: (name: string) => Promise<void>;
  /** Called when the server refuses guests. */
  onGuestsOff: () => void;
}

const nameLengthMax = 40;

export function NameForm({ formerName, onEnter, onGuestsOff }: NameFormProps) {
  const fieldId = useId();
  const noteId = useId();
  const [isEntering, setIsEntering] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    if (name === "") {
      setProblem("Give a name: it is how the others will know you.");
      return;
    }
    setIsEntering(true);
    setProblem(null);
    try {
      await onEnter(name);
    } catch (error) {
      const entryError = entryErrorOf(error);
      setIsEntering(false);
      if (entryError.areGuestsOff) onGuestsOff();
      else setProblem(entryError.text);
    }
  }

  return (
    <form className="name-form" onSubmit={submit} noValidate>
      {formerName !== null && (
        <p className="name-form-note" role="status">
          Your last visit has ended. Enter again for a new seat; the old score stays on the board.
        </p>
      )}
      <label htmlFor={fieldId}>Your name on the board</label>
      <div className="name-form-row">
        <input
          id={fieldId}
          name="name"
          type="text"
          defaultValue={formerName ?? ""}
          autoComplete="nickname"
          maxLength={nameLengthMax}
          spellCheck={false}
          enterKeyHint="go"
          // biome-ignore lint/a11y/noAutofocus: the form is the only thing to do on this page.
          autoFocus
          aria-invalid={problem !== null}
          aria-describedby={noteId}
        />
        <button type="submit" className="main-button" disabled={isEntering}>
          {isEntering ? "Entering…" : "Enter"}
        </button>
      </div>
      <p
        id={noteId}
        className={problem ? "name-form-problem" : "name-form-hint"}
        role={problem ? "alert" : undefined}
      >
        {problem ?? "No account. The name stays in this browser until you leave."}
      </p>
    </form>
  );
}
