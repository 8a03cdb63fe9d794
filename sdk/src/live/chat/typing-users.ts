import type { ChatTyping } from "@grandstand/shared/events/chat";
import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import { withProfile } from "../channel/profile-change.js";

/**
 * A user counts as typing for this long after the last notice. The client of a user who types sends a
 * notice about every two seconds.
 */
const PAUSE_MS = 4_000;

/** The users who are typing in a room. */
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

  rename(change: ProfileUpdated): void {
    const known = this.#users.get(change.user);
    if (!known) return;
    known.typing = withProfile(known.typing, change);
    this.#renew();
  }

  /** Ends the typing of a user, for example because the user's message has arrived. */
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

  /** Returns the same array while nothing changes. */
  list(): readonly ChatTyping[] {
    return this.#list;
  }

  #renew(): void {
    this.#list = [...this.#users.values()].map(({ typing }) => typing);
  }
}

/**
 * The interval between two notices. The server drops a second notice within two seconds, so the interval
 * is a little longer than that.
 */
const INTERVAL_MS = 2_200;

/** Sends typing notices, at most one per interval, while the user types. Uses the monotonic clock. */
export class TypingNotices {
  readonly #send: () => void;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** Called whenever the user types. Sends a notice now, or at the end of the interval. */
  due(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#sentAt + INTERVAL_MS - performance.now();
    const send = () => {
      this.stop();
      this.#sentAt = performance.now();
      this.#send();
    };
    if (waitMs <= 0) send();
    else this.#timer = setTimeout(send, waitMs);
  }

  /** Drops the notice that waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
