import type { ChatTyping } from "@grandstand/shared/events/chat";

/** Somebody who was not heard to write for this long has stopped. They are told of every two seconds. */
const PAUSE_MS = 4_000;

/** Who writes in a room now. */
export class TypingUsers {
  readonly #users = new Map<string, { typing: ChatTyping; timer: ReturnType<typeof setTimeout> }>();
  readonly #onChange: () => void;
  #list: readonly ChatTyping[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  note(typing: ChatTyping): void {
    const known = this.#users.get(typing.user);
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      this.forget(typing.user);
      this.#onChange();
    }, PAUSE_MS);
    this.#users.set(typing.user, { typing, timer });
    if (known) return;
    this.#renew();
    this.#onChange();
  }

  /** What they wrote has come. */
  forget(user: string | null): void {
    const known = user === null ? undefined : this.#users.get(user);
    if (!known) return;
    clearTimeout(known.timer);
    this.#users.delete(known.typing.user);
    this.#renew();
  }

  clear(): void {
    for (const { timer } of this.#users.values()) clearTimeout(timer);
    this.#users.clear();
    this.#renew();
  }

  /** The others, the same list as before while they are the same. */
  list(): readonly ChatTyping[] {
    return this.#list;
  }

  #renew(): void {
    this.#list = [...this.#users.values()].map(({ typing }) => typing);
  }
}
