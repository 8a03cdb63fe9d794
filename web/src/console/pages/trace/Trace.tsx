import { type FormEvent, useState } from "react";
import { useAction } from "../../api/useAction.js";
import { useRead } from "../../api/useRead.js";
import { go, hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { Empty } from "../../ui/States.js";
import { TraceRecords } from "./TraceRecords.js";

const LENGTHS = [
  { name: "1 minute", ttlMs: 60_000 },
  { name: "5 minutes", ttlMs: 300_000 },
  { name: "15 minutes", ttlMs: 900_000 },
];

/** Traces one user in one room: what was published, on which node, and to which connections it was handed. */
export default function Trace({ trace }: { trace: string | null }) {
  return (
    <>
      <PageHead
        title="Trace"
        back={{ href: hrefOf("inspector"), name: "Inspector" }}
        lead="Follow the messages of one user in one room, from the node that published them to each connection"
      />
      <Begin />
      {trace === null ? (
        <Empty title="Nothing is traced.">
          Nodes record only while a trace runs. It ends by itself, and its records are kept for two hours.
        </Empty>
      ) : (
        <TraceRecords key={trace} trace={trace} />
      )}
    </>
  );
}

function Begin() {
  const rooms = useRead("admin.rooms", { limit: 100 });
  const [room, setRoom] = useState("");
  const [user, setUser] = useState("");
  const [length, setLength] = useState(1);
  const { run, isRunning, error } = useAction();
  const begin = async (event: FormEvent) => {
    event.preventDefault();
    const { ttlMs } = LENGTHS[length]!;
    const begun = await run("admin.beginTrace", { room, user, ttlMs }, `Traces ${user} in ${room}`);
    if (begun !== null) go("trace", begun.trace);
  };
  return (
    <>
      <form className="search trace-form" onSubmit={begin}>
        <input
          aria-label="Room"
          placeholder="Room"
          autoComplete="off"
          list="trace-rooms"
          required
          value={room}
          onChange={({ target }) => setRoom(target.value.trim())}
        />
        <datalist id="trace-rooms">
          {rooms.data?.rooms.map((one) => (
            <option key={one.room} value={one.room} />
          ))}
        </datalist>
        <input
          aria-label="User"
          placeholder="Id of the user"
          autoComplete="off"
          required
          value={user}
          onChange={({ target }) => setUser(target.value)}
        />
        <select aria-label="For" value={length} onChange={({ target }) => setLength(Number(target.value))}>
          {LENGTHS.map(({ name }, at) => (
            <option key={name} value={at}>
              {name}
            </option>
          ))}
        </select>
        <button type="submit" className="button primary" disabled={room === "" || user === "" || isRunning}>
          Begin
        </button>
      </form>
      {error && <ErrorNote error={error} />}
    </>
  );
}
