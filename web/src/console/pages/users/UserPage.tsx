import { useUser } from "@grandstand/sdk/react";
import { Panel } from "../../../shell/Panel.js";
import { useRead } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { Erase } from "./Erase.js";
import { Notify } from "./Notify.js";
import { ProfilePanel } from "./ProfilePanel.js";
import { Stored } from "./Stored.js";

const EVERY_MS = 10_000;

/** One user: where the user is online, the sessions, all stored data, and what an operator can do. */
export function UserPage({ user }: { user: string }) {
  const live = useUser(user);
  const whereabouts = useRead("presence.lookup", { users: [user] }, EVERY_MS);
  const sessions = useRead("session.list", { user }, EVERY_MS);
  const [ask, dialog] = useConfirm();
  const found = whereabouts.data?.users[0];
  const revokeAll = () =>
    ask({
      title: `Revoke all credentials of ${user}?`,
      text: (
        <p>
          Every session and token that was issued until now ends, and every connection closes within a second.
          The user can sign in again with your app.
        </p>
      ),
      action: "Revoke all",
      operation: "user.revoke",
      input: { user },
      done: `Revoked the credentials of ${user}`,
      onDone: sessions.reload,
    });
  const revokeOne = (session: string) =>
    ask({
      title: "Revoke this session?",
      text: <p>The device is signed out, and its connections close.</p>,
      action: "Revoke the session",
      operation: "session.revoke",
      input: { session },
      done: "Revoked the session",
      onDone: sessions.reload,
    });
  return (
    <>
      <PageHead
        title={user}
        back={{ href: hrefOf("users"), name: "Users" }}
        lead={
          found &&
          (found.online ? (
            <span className="tag is-live">online</span>
          ) : found.lastSeenAt ? (
            <>
              last seen <Ago at={found.lastSeenAt} />
            </>
          ) : (
            "not seen lately"
          ))
        }
      >
        <a className="button" href={hrefOf("inspector", `user:${user}`)}>
          Inspect
        </a>
        <button type="button" className="button danger-line" onClick={revokeAll}>
          Revoke all
        </button>
        <Erase user={user} />
      </PageHead>
      {dialog}
      {whereabouts.error && <ErrorNote error={whereabouts.error} onRetry={whereabouts.reload} />}
      <div className="two-columns">
        <Panel title="Rooms" aside={live.status === "live" ? "live" : ""}>
          {live.status === "loading" ? (
            <LoadingRows rows={2} />
          ) : live.rooms.length === 0 ? (
            <Empty title="In no room now." />
          ) : (
            <ul className="rows">
              {live.rooms.map((room) => (
                <li key={room}>
                  <a className="row" href={hrefOf("rooms", room)}>
                    <span className="row-name">{room}</span>
                  </a>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Sessions">
          {sessions.error && <ErrorNote error={sessions.error} onRetry={sessions.reload} />}
          {sessions.isLoading && <LoadingRows rows={2} />}
          {sessions.data?.sessions.length === 0 && (
            <Empty title="No session.">Users with a token of your app have none here.</Empty>
          )}
          <ul className="rows">
            {sessions.data?.sessions.map(({ id, userAgent, createdAt, lastSeenAt }) => (
              <li key={id}>
                <div className="row">
                  <span className="row-name">{deviceOf(userAgent)}</span>
                  <span className="row-fact">
                    since <Ago at={createdAt} />
                  </span>
                  <span className="row-fact">
                    used <Ago at={lastSeenAt} />
                  </span>
                  <span className="row-end">
                    <button type="button" className="button small danger-line" onClick={() => revokeOne(id)}>
                      Revoke
                    </button>
                  </span>
                </div>
              </li>
            ))}
          </ul>
        </Panel>
        <Notify user={user} />
        <ProfilePanel user={user} />
        <Stored user={user} />
      </div>
    </>
  );
}

/** Makes a text such as `Chrome on Android` from what the user agent contains. */
function deviceOf(userAgent: string | null): string {
  if (userAgent === null) return "Unknown device";
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux|CrOS/
    .exec(userAgent)?.[0]
    ?.replace("Mac OS X", "macOS");
  const browser = /(Edg|Firefox|HeadlessChrome|Chrome|Safari)\//.exec(userAgent)?.[1]?.replace("Edg", "Edge");
  if (browser === undefined) return userAgent.slice(0, 40);
  return system === undefined ? browser : `${browser} on ${system}`;
}
