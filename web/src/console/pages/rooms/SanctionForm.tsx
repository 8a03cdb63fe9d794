import { useState } from "react";
import { useAction } from "../../api/useAction.js";
import { Confirm } from "../../ui/Confirm.js";

const lengths: { name: string; ttlMs: number | null }[] = [
  { name: "10 minutes", ttlMs: 600_000 },
  { name: "1 hour", ttlMs: 3_600_000 },
  { name: "1 day", ttlMs: 86_400_000 },
  { name: "30 days", ttlMs: 30 * 86_400_000 },
  { name: "without an end", ttlMs: null },
];

interface SanctionFormProps {
  room: string;
  user: string;
  onClose: () => void;
  onDone: () => void;
}

/** Mutes or bans one user in one room. */
export function SanctionForm({ room, user, onClose, onDone }: SanctionFormProps) {
  const [kind, setKind] = useState<"mute" | "ban">("mute");
  const [length, setLength] = useState(1);
  const action = useAction();
  const { name, ttlMs } = lengths[length]!;
  const run = async () => {
    const input = { room, user, action: kind, ...(ttlMs !== null && { ttlMs }) };
    const output = await action.run(
      "chat.moderate",
      input,
      `${kind === "mute" ? "Muted" : "Banned"} ${user}`,
    );
    if (output === null) return;
    onDone();
    onClose();
  };
  return (
    <Confirm
      title={`Sanction ${user} in ${room}`}
      action={kind === "mute" ? `Mute ${user}` : `Ban ${user}`}
      isRunning={action.isRunning}
      error={action.error}
      onConfirm={run}
      onClose={onClose}
    >
      <fieldset className="segments">
        <legend className="visually-hidden">Kind</legend>
        {(["mute", "ban"] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
            <span>{one === "mute" ? "Mute" : "Ban"}</span>
          </label>
        ))}
      </fieldset>
      <label className="bar-field">
        For
        <select value={length} onChange={({ target }) => setLength(Number(target.value))}>
          {lengths.map((one, at) => (
            <option key={one.name} value={at}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <p>
        {kind === "mute"
          ? `${user} can still read the room, and can't write in it ${ttlMs === null ? "any more" : `for ${name}`}.`
          : `${user} can neither read nor write in the room ${ttlMs === null ? "any more" : `for ${name}`}. Open subscriptions end at once.`}
      </p>
    </Confirm>
  );
}
