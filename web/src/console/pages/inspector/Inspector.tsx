import type { ChannelKinds, ChannelName, GrandstandError } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { asError } from "../../api/useRead.js";
import { go } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { exactTime, plural } from "../../ui/format.js";
import { LiveWord } from "../../ui/LiveWord.js";
import { Empty } from "../../ui/States.js";

interface Frame {
  number: number;
  at: Date;
  offset: number | null;
  event: string;
  data: unknown;
}

const KEPT = 500;
const kinds = Object.keys({
  leaderboard: true,
  presence: true,
  chat: true,
  counter: true,
  user: true,
} satisfies Record<keyof ChannelKinds, true>);
const kindsText = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(kinds);

/** Follows one channel and shows each frame as a client receives it. */
export default function Inspector({ channel }: { channel: string | null }) {
  const [text, setText] = useState(channel ?? "");
  const open = (event: FormEvent) => {
    event.preventDefault();
    go("inspector", text.trim());
  };
  return (
    <>
      <PageHead title="Inspector" lead="Follow a channel and see each publication as clients receive it" />
      <form className="search" onSubmit={open}>
        <input
          type="search"
          aria-label="Channel"
          placeholder="Channel, such as chat:lobby"
          autoComplete="off"
          spellCheck={false}
          list="channel-kinds"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <datalist id="channel-kinds">
          {kinds.map((kind) => (
            <option key={kind} value={`${kind}:`} />
          ))}
        </datalist>
        <button type="submit" className="button primary" disabled={text.trim() === ""}>
          Follow
        </button>
      </form>
      {channel === null ? (
        <Empty title="No channel is followed.">
          A channel is a kind and an id, such as chat:lobby. The kind is {kindsText}.
        </Empty>
      ) : (
        <Followed key={channel} channel={channel} />
      )}
    </>
  );
}

function Followed({ channel }: { channel: string }) {
  const client = useClient();
  const [frames, setFrames] = useState<readonly Frame[]>([]);
  const [total, setTotal] = useState(0);
  const [status, setStatus] = useState("loading");
  const [error, setError] = useState<GrandstandError | null>(null);
  const [isPaused, setPaused] = useState(false);
  const isPausedNow = useRef(false);
  isPausedNow.current = isPaused;
  const number = useRef(0);

  useEffect(() => {
    const add = (event: string, offset: number | null, data: unknown) => {
      number.current += 1;
      setTotal(number.current);
      if (isPausedNow.current) return;
      const frame = { number: number.current, at: new Date(), event, offset, data };
      setFrames((before) => [frame, ...before].slice(0, KEPT));
    };
    try {
      return client.channel(channel as ChannelName).subscribe({
        onSnapshot: (snapshot, position, lost) =>
          add(lost === null ? "snapshot" : `snapshot, because ${lost}`, position.offset, snapshot),
        onPublication: ({ event, offset, data }) => add(event, offset, data),
        onStatus: (next, reason) => {
          setStatus(next);
          setError(reason);
        },
      });
    } catch (failure) {
      setStatus("failed");
      setError(asError(failure));
      return;
    }
  }, [client, channel]);

  return (
    <section aria-label={`Frames of ${channel}`}>
      <div className="bar">
        <LiveWord status={status} />
        <span className="bar-note">
          {plural(total, "frame")}
          {total > KEPT && `, the last ${KEPT} are shown`}
        </span>
        <button
          type="button"
          className="button small"
          aria-pressed={isPaused}
          onClick={() => setPaused(!isPaused)}
        >
          {isPaused ? "Resume" : "Pause"}
        </button>
        <button type="button" className="button small" onClick={() => setFrames([])}>
          Clear
        </button>
      </div>
      {error && <ErrorNote error={error} />}
      {frames.length === 0 && !error && (
        <Empty title={status === "loading" ? `Subscribing to ${channel}.` : "Waiting for a publication."} />
      )}
      <ol className="frames" reversed>
        {frames.map(({ number: key, at, offset, event, data }) => (
          <li key={key}>
            <details>
              <summary>
                <span className="frame-offset mono">{offset ?? "–"}</span>
                <span className="frame-event">{event}</span>
                <span className="frame-text mono">{JSON.stringify(data).slice(0, 200)}</span>
                <time className="figures" dateTime={at.toISOString()}>
                  {exactTime(at.toISOString())}
                </time>
              </summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
              <pre tabIndex={0}>{JSON.stringify(data, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
