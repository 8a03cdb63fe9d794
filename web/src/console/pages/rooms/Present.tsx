import { usePresence } from "@grandstand/sdk/react";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural, whole } from "../../ui/format.js";
import { LiveWord } from "../../ui/LiveWord.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";

/** Who is in the room, live. Watching does not make the operator present. */
export function Present({ room }: { room: string }) {
  const presence = usePresence(room, { enter: false });
  const [ask, dialog] = useConfirm();
  const drop = (user: string) =>
    ask({
      title: `Remove ${user} from the room?`,
      text: (
        <p>
          This ends the presence that a server gave to {user} with presence.keep. A user who has a connection
          in the room stays; ban the user to end that.
        </p>
      ),
      action: "Remove from the room",
      operation: "presence.drop",
      input: { room, user },
      done: `Removed ${user}`,
    });
  return (
    <section aria-label="Present">
      <div className="bar">
        <LiveWord status={presence.status} />
        <span className="bar-note">{plural(presence.count, "user")} present</span>
      </div>
      {dialog}
      {presence.status === "failed" && presence.error && (
        <ErrorNote error={presence.error} onRetry={presence.retry} />
      )}
      {presence.status === "loading" && <LoadingRows />}
      {presence.status === "live" && presence.count === 0 && <Empty title="Nobody is here now." />}
      <ul className="rows">
        {presence.members.map(({ user, state, since, profile }) => (
          <li key={user}>
            <div className="row">
              <a className="row-name" href={hrefOf("users", user)}>
                {profile?.name ?? user}
              </a>
              <span className="row-fact mono">{profile && profile.name !== user && user}</span>
              <span className="row-fact mono">{state && JSON.stringify(state)}</span>
              <span className="row-fact">
                since <Ago at={since} />
              </span>
              <span className="row-end">
                <button type="button" className="button small danger-line" onClick={() => drop(user)}>
                  Remove<span className="visually-hidden"> {user}</span>
                </button>
              </span>
            </div>
          </li>
        ))}
      </ul>
      {!presence.isComplete && presence.members.length > 0 && (
        <p className="more-note">
          The first {whole(presence.members.length)} of {whole(presence.count)} are shown.
        </p>
      )}
    </section>
  );
}
