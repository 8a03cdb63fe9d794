import type { ChatTyping } from "@grandstand/sdk";

/** Who else writes. Keeps its line, so that nothing moves when somebody begins. */
export function Typing({ typing }: { typing: readonly ChatTyping[] }) {
  return (
    <p className="typing" aria-live="polite">
      {sentenceOf(typing.map(({ user, profile }) => profile?.name ?? user))}
    </p>
  );
}

function sentenceOf([first, second, ...more]: string[]): string {
  if (first === undefined) return "";
  if (second === undefined) return `${first} is writing`;
  if (more.length === 0) return `${first} and ${second} are writing`;
  return `${first}, ${second} and ${more.length} more are writing`;
}
