import { toggleFriend, useFriends } from "./friends.js";
import "./friend-button.css";

/** A button that adds a player to the visitor's friends, or removes the player. */
export function FriendButton({ user, name }: { user: string; name: string }) {
  const isFriend = useFriends().includes(user);
  return (
    <button
      type="button"
      className="friend-button"
      aria-pressed={isFriend}
      aria-label={`Friend: ${name}`}
      title={isFriend ? "A friend. Press to remove." : "Make a friend"}
      onClick={() => toggleFriend(user)}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="m12 3 2.800 5.900 6.200.800-4.500 4.400 1.100 6.400-5.600-3.100-5.600 3.100 1.100-6.400L3 9.700l6.200-.800z" />
      </svg>
    </button>
  );
}
