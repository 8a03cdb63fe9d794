import type { ShownMessage } from "@grandstand/sdk";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";

interface MessageRowProps {
  message: ShownMessage;
  onRetry: () => void;
  onEdit: () => void;
  onSanction: (user: string) => void;
  onRemove: () => void;
}

/** One message of a room, with what a moderator can do about it. */
export function MessageRow({ message, onRetry, onEdit, onSanction, onRemove }: MessageRowProps) {
  const { offset, user, profile, text, deleted } = message;
  return (
    // biome-ignore lint/a11y/useSemanticElements: Messages.tsx puts rows into groups, and an li must be a child of its list
    <div role="listitem" className={deleted ? "message is-deleted" : "message"} data-offset={offset}>
      <p className="message-head">
        {user === null ? (
          <span className="message-system">System</span>
        ) : (
          <a href={hrefOf("users", user)}>{profile?.name ?? user}</a>
        )}
        {user !== null && profile && profile.name !== user && <span className="mono">{user}</span>}
        <Ago at={message.sentAt} />
        {message.editedAt !== null && <span>edited</span>}
        {offset !== null && <span className="mono">#{offset}</span>}
      </p>
      <p className="message-text">{deleted ? "This message was deleted." : text}</p>
      {Object.keys(message.reactions).length > 0 && (
        <p className="message-reactions figures">
          {Object.entries(message.reactions).map(([emoji, { count }]) => (
            <span key={emoji}>
              {emoji} {count}
            </span>
          ))}
        </p>
      )}
      {message.state === "failed" && message.error && <ErrorNote error={message.error} onRetry={onRetry} />}
      {!deleted && offset !== null && (
        <div className="message-actions">
          <button type="button" className="button small" onClick={onEdit}>
            Edit<span className="visually-hidden"> message {offset}</span>
          </button>
          {user !== null && (
            <button type="button" className="button small" onClick={() => onSanction(user)}>
              Sanction<span className="visually-hidden"> {user}</span>
            </button>
          )}
          <button type="button" className="button small danger-line" onClick={onRemove}>
            Delete<span className="visually-hidden"> message {offset}</span>
          </button>
        </div>
      )}
    </div>
  );
}
