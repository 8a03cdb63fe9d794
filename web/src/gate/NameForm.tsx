import { GrandstandError } from "@grandstand/sdk";
import { type FormEvent, useId, useState } from "react";
import "./name-form.css";

interface NameFormProps {
  wasRefused: boolean;
  onEnter: (name: string) => Promise<void>;
}

const nameLengthMax = 40;

export function NameForm({ wasRefused, onEnter }: NameFormProps) {
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
      setProblem(explain(error));
      setIsEntering(false);
    }
  }

  return (
    <form className="name-form" onSubmit={submit} noValidate>
      {wasRefused && <p className="name-form-note">Your last visit has ended. Give your name to come back in.</p>}
      <label htmlFor={fieldId}>Your name on the board</label>
      <div className="name-form-row">
        <input
          id={fieldId}
          name="name"
          type="text"
          autoComplete="nickname"
          maxLength={nameLengthMax}
          spellCheck={false}
          enterKeyHint="go"
          aria-invalid={problem !== null}
          aria-describedby={noteId}
        />
        <button type="submit" className="main-button" disabled={isEntering}>
          {isEntering ? "Entering" : "Enter"}
        </button>
      </div>
      <p id={noteId} className={problem ? "name-form-problem" : "name-form-hint"} role={problem ? "alert" : undefined}>
        {problem ?? "No account. The name stays in this browser until you leave."}
      </p>
    </form>
  );
}

function explain(error: unknown): string {
  if (!(error instanceof GrandstandError)) return "The server can't be reached. Is it running?";
  if (error.code === "forbidden") return "Guests are not let in on this server.";
  if (error.code === "bad_request") return error.issues?.[0]?.message ?? error.message;
  return `${error.message}. Try again in a moment.`;
}
