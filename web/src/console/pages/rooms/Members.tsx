import { type FormEvent, useState } from "react";
import { useAction } from "../../api/useAction.js";
import { usePages } from "../../api/usePages.js";
import { hrefOf } from "../../router.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { ReadOn } from "../../ui/ReadOn.js";
import { RowList } from "../../ui/RowList.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";

/** Who has a role in the room. */
export function Members({ room }: { room: string }) {
  const members = usePages(
    "chat.members",
    { room, limit: 100 },
    (page) => page.members,
    ({ user }) => user,
  );
  const [ask, dialog] = useConfirm();
  const [user, setUser] = useState("");
  const action = useAction();
  const give = async (whose: string, role: "member" | "moderator") => {
    const output = await action.run("chat.setMember", { room, user: whose, role }, `${whose} is a ${role}`);
    if (output !== null) {
      setUser("");
      members.reload();
    }
  };
  const add = (event: FormEvent) => {
    event.preventDefault();
    void give(user, "member");
  };
  const remove = (whose: string) =>
    ask({
      title: `Remove the member ${whose}?`,
      text: (
        <p>
          {whose} loses the role in {room}. If the room is private, open subscriptions end at once.
        </p>
      ),
      action: "Remove the member",
      operation: "chat.removeMember",
      input: { room, user: whose },
      done: `Removed ${whose}`,
      onDone: members.reload,
    });
  return (
    <>
      {dialog}
      <form className="inline-form" onSubmit={add}>
        <input
          aria-label="User to add"
          placeholder="Id of a user"
          value={user}
          onChange={({ target }) => setUser(target.value.trim())}
        />
        <button type="submit" className="button" disabled={user === "" || action.isRunning}>
          Add a member
        </button>
      </form>
      {action.error && <ErrorNote error={action.error} />}
      {members.error && <ErrorNote error={members.error} onRetry={members.reload} />}
      {members.isLoading && members.items.length === 0 && <LoadingRows />}
      {!members.isLoading && members.items.length === 0 && !members.error && (
        <Empty title="Nobody has a role here.">
          In a public room, everybody may read and write without one.
        </Empty>
      )}
      <RowList
        items={members.items}
        idOf={({ user: whose }) => whose}
        hasMore={members.hasMore}
        row={({ user: whose, role }) => (
          <div className="row">
            <a className="row-name" href={hrefOf("users", whose)}>
              {whose}
            </a>
            <span className="row-tags">
              <span className="tag">{role}</span>
            </span>
            <span className="row-end">
              <button
                type="button"
                className="button small"
                onClick={() => void give(whose, role === "member" ? "moderator" : "member")}
              >
                {role === "member" ? "Make moderator" : "Make member"}
                <span className="visually-hidden">: {whose}</span>
              </button>
              <button type="button" className="button small danger-line" onClick={() => remove(whose)}>
                Remove<span className="visually-hidden"> {whose}</span>
              </button>
            </span>
          </div>
        )}
      />
      <ReadOn {...members} />
    </>
  );
}
