import type { ShownMessage } from "@grandstand/sdk";
import { useChat } from "@grandstand/sdk/react";
import { type FormEvent, useLayoutEffect, useRef, useState } from "react";
import { useAction } from "../../api/useAction.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { grouped } from "../../ui/group.js";
import { LiveWord } from "../../ui/LiveWord.js";
import { RowGroup } from "../../ui/RowGroup.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { MessageRow } from "./MessageRow.js";
import { SanctionForm } from "./SanctionForm.js";

const OFFSETS_PER_GROUP = 50;

/** Groups by offset, so that a message stays in its group when older or new messages are added. */
function groupOf({ offset }: ShownMessage): string {
  return offset === null ? "pending" : String(Math.floor(offset / OFFSETS_PER_GROUP));
}

/** The room as its users see it, live, with what a moderator can do. */
export function Messages({ room, onSanction }: { room: string; onSanction: () => void }) {
  const chat = useChat(room);
  const [ask, dialog] = useConfirm();
  const [edited, setEdited] = useState<ShownMessage | null>(null);
  const [sanctioned, setSanctioned] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  // The last message stays in view while new ones come, unless the operator has scrolled up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect runs at each change of the messages
  useLayoutEffect(() => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [chat.messages]);

  const remove = ({ offset, user, text }: ShownMessage) =>
    ask({
      title: "Delete this message?",
      text: (
        <>
          <blockquote>{text}</blockquote>
          <p>The text by {user ?? "the system"} is deleted for everybody, and removed from Redis.</p>
        </>
      ),
      action: "Delete the message",
      operation: "chat.delete",
      input: { room, offset: offset! },
      done: "Deleted the message",
    });

  const endEdit = () => {
    list.current?.querySelector<HTMLElement>(`[data-offset="${edited!.offset}"] button`)?.focus();
    setEdited(null);
  };

  return (
    <section className="messages" aria-label="Messages">
      <div className="bar">
        <LiveWord status={chat.status} />
        <span className="bar-note">
          {chat.typing.length > 0 && `${chat.typing.map(({ user }) => user).join(", ")} writing`}
        </span>
        {chat.hasMore && (
          <button
            type="button"
            className="button small"
            disabled={chat.isLoadingOlder}
            onClick={() => void chat.loadOlder().catch(() => {})}
          >
            {chat.isLoadingOlder ? "Loading…" : "Load older"}
          </button>
        )}
      </div>
      {dialog}
      {sanctioned !== null && (
        <SanctionForm room={room} user={sanctioned} onClose={() => setSanctioned(null)} onDone={onSanction} />
      )}
      {chat.status === "failed" && chat.error && (
        <ErrorNote error={chat.error} onRetry={() => chat.retry()} />
      )}
      {chat.status === "loading" && <LoadingRows rows={6} />}
      {chat.status !== "loading" && chat.messages.length === 0 && (
        <Empty title="Nobody has written here yet.">
          A message that you post is shown to everybody in the room.
        </Empty>
      )}
      {chat.messages.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: the rows are in groups, and an li must be a child of its list
        <div
          role="list"
          className="message-list"
          data-scrolls
          ref={list}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the list scrolls, also by keyboard
          tabIndex={0}
          aria-label="Messages, oldest first"
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
            isAtEnd.current = scrollTop + clientHeight > scrollHeight - 40;
          }}
        >
          {grouped(chat.messages, groupOf).map(([group, messages]) => (
            <RowGroup key={group}>
              {messages.map((message) => (
                <MessageRow
                  key={message.key}
                  message={message}
                  onRetry={() => chat.retry(message.key)}
                  onEdit={() => setEdited(message)}
                  onSanction={setSanctioned}
                  onRemove={() => remove(message)}
                />
              ))}
            </RowGroup>
          ))}
        </div>
      )}
      {edited === null ? (
        <Post room={room} onPost={(text) => chat.send(text)} />
      ) : (
        <Edit key={edited.key} room={room} message={edited} onClose={endEdit} />
      )}
    </section>
  );
}

function Post({ room, onPost }: { room: string; onPost: (text: string) => void }) {
  const [text, setText] = useState("");
  const post = (event: FormEvent) => {
    event.preventDefault();
    onPost(text);
    setText("");
  };
  return (
    <form className="inline-form compose" onSubmit={post}>
      <input
        aria-label={`Message to ${room}, as the system`}
        placeholder="Post as the system"
        autoComplete="off"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button primary" disabled={text.trim() === ""}>
        Post
      </button>
    </form>
  );
}

function Edit({ room, message, onClose }: { room: string; message: ShownMessage; onClose: () => void }) {
  const [text, setText] = useState(message.text);
  const action = useAction();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const output = await action.run(
      "chat.edit",
      { room, offset: message.offset!, text },
      "Edited the message",
    );
    if (output !== null) onClose();
  };
  return (
    <form className="inline-form compose" onSubmit={save}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the operator has just asked to edit
        autoFocus
        aria-label={`New text of message ${message.offset}`}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button primary" disabled={action.isRunning || text.trim() === ""}>
        Save
      </button>
      <button type="button" className="button" onClick={onClose}>
        Cancel
      </button>
      {action.error && <ErrorNote error={action.error} />}
    </form>
  );
}
