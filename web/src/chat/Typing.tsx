import type { ChatTyping } from "@grandstand/sdk";
import { useName } from "../names/Names.js";

/** The users who are typing. The line takes up space when it is empty, so the layout does not shift. */
export function Typing({ typing }: { typing: readonly ChatTyping[] }) {
  const nameOf = useName();
  return (
    <p className="typing" aria-live="polite">
      {typingText(typing.map(({ user, profile }) => nameOf(profile, user)))}
    </p>
  );
}

function typingText([first, second, ...more]: string[]): string {
  if (first === undefined) return "";
  if (second === undefined) return `${first} is writing`;
  if (more.length === 0) return `${first} and ${second} are writing`;
  return `${first}, ${second} and ${more.length} more are writing`;
}
