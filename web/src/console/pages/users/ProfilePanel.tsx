import { useState } from "react";
import { Panel } from "../../../shell/Panel.js";
import { useAction } from "../../api/useAction.js";
import { useRead } from "../../api/useRead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { OperationSheet } from "../../ui/OperationSheet.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";

const EVERY_MS = 10_000;

/** The user's profile, which an operator can change, fetch again and delete here. */
export function ProfilePanel({ user }: { user: string }) {
  const { data, error, isLoading, reload } = useRead("user.profiles", { users: [user] }, EVERY_MS);
  const [isEdited, setEdited] = useState(false);
  const [ask, dialog] = useConfirm();
  const fetching = useAction();
  const profile = data?.profiles[0]?.profile ?? null;
  const remove = () =>
    ask({
      title: `Delete the profile of ${user}?`,
      text: (
        <p>
          Boards, rooms and presence show the id instead, or the name that was sent with an entry or message.
          A later token of the user may give a new profile.
        </p>
      ),
      action: "Delete the profile",
      operation: "user.setProfile",
      input: { user, name: null },
      done: `Deleted the profile of ${user}`,
      onDone: reload,
    });
  const fetchAgain = async () => {
    const done = `Read the profile of ${user} again`;
    if ((await fetching.run("user.invalidateProfile", { user }, done)) !== null) reload();
  };
  return (
    <Panel title="Profile">
      {dialog}
      {isEdited && (
        <OperationSheet
          operation="user.setProfile"
          title={`Profile of ${user}`}
          lead="It changes at once wherever the user is shown."
          of={{ user }}
          value={{ ...profile }}
          action="Save the profile"
          done="Saved the profile"
          onDone={reload}
          onClose={() => setEdited(false)}
        />
      )}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {fetching.error && <ErrorNote error={fetching.error} />}
      {isLoading && <LoadingRows rows={2} />}
      {data && profile === null && <Empty title="No profile.">The user is shown by the id.</Empty>}
      {profile && (
        <dl className="facts">
          <div>
            <dt>Name</dt>
            <dd>{profile.name}</dd>
          </div>
          <div>
            <dt>Picture</dt>
            <dd className="long">{profile.avatar ?? "none"}</dd>
          </div>
        </dl>
      )}
      <div className="form-actions">
        <button type="button" className="button" onClick={() => setEdited(true)}>
          {profile === null ? "Give a profile" : "Edit the profile"}
        </button>
        <button type="button" className="button" disabled={fetching.isRunning} onClick={fetchAgain}>
          Fetch from your backend
        </button>
        {profile && (
          <button type="button" className="button danger-line" onClick={remove}>
            Delete the profile
          </button>
        )}
      </div>
    </Panel>
  );
}
