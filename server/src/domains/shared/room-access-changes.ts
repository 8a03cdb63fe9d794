/** @param user the user whose access changed; null if the access of all users may have changed */
type Listener = (room: string, user: string | null) => void;

/** Tells the presence domain that access to a room has changed. The chat domain decides who has access. */
export class RoomAccessChanges {
  readonly #listeners = new Set<Listener>();

  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  notify(room: string, user: string | null): void {
    for (const listener of this.#listeners) listener(room, user);
  }
}
