import type { ChatSanctions } from "@grandstand/sdk";
import { type FormEvent, useState } from "react";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { Empty } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { SanctionForm } from "./SanctionForm.js";

interface SanctionsProps {
  room: string;
  sanctions: readonly ChatSanctions[];
  onChanged: () => void;
}

export function Sanctions({ room, sanctions, onChanged }: SanctionsProps) {
  const [ask, dialog] = useConfirm();
  const [user, setUser] = useState("");
  const [sanctioned, setSanctioned] = useState<string | null>(null);
  const lift = (whose: string, action: "unmute" | "unban") =>
    ask({
      title: action === "unmute" ? `End the mute of ${whose}?` : `End the ban of ${whose}?`,
      text: (
        <p>
          {whose} can {action === "unmute" ? "write" : "read and write"} in {room} again.
        </p>
      ),
      action: action === "unmute" ? "End the mute" : "End the ban",
      operation: "chat.moderate",
      input: { room, user: whose, action },
      done: `Ended the ${action === "unmute" ? "mute" : "ban"} of ${whose}`,
      isDangerous: false,
      onDone: onChanged,
    });
  const open = (event: FormEvent) => {
    event.preventDefault();
    setSanctioned(user);
  };
  return (
    <>
      {dialog}
      {sanctioned !== null && (
        <SanctionForm room={room} user={sanctioned} onClose={() => setSanctioned(null)} onDone={onChanged} />
      )}
      <form className="inline-form" onSubmit={open}>
        <input
          aria-label="User to sanction"
          placeholder="Id of a user"
          value={user}
          onChange={({ target }) => setUser(target.value.trim())}
        />
        <button type="submit" className="button" disabled={user === ""}>
          Mute or ban
        </button>
      </form>
      {sanctions.length === 0 && <Empty title="Nobody is muted or banned here." />}
      <ul className="rows">
        {sanctions.map(({ user: whose, muted, mutedUntil, banned, bannedUntil }) => (
          <li key={whose}>
            <div className="row">
              <a className="row-name" href={hrefOf("users", whose)}>
                {whose}
              </a>
              <span className="row-tags">
                {banned && (
                  <span className="tag is-bad">
                    banned,{" "}
                    {bannedUntil === null ? (
                      "without an end"
                    ) : (
                      <>
                        ends <Ago at={bannedUntil} />
                      </>
                    )}
                  </span>
                )}
                {muted && (
                  <span className="tag is-warn">
                    muted,{" "}
                    {mutedUntil === null ? (
                      "without an end"
                    ) : (
                      <>
                        ends <Ago at={mutedUntil} />
                      </>
                    )}
                  </span>
                )}
              </span>
              <span className="row-end">
                {muted && (
                  <button type="button" className="button small" onClick={() => lift(whose, "unmute")}>
                    Unmute<span className="visually-hidden"> {whose}</span>
                  </button>
                )}
                {banned && (
                  <button type="button" className="button small" onClick={() => lift(whose, "unban")}>
                    Unban<span className="visually-hidden"> {whose}</span>
                  </button>
                )}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
