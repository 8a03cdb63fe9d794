/** @param user the user whose access changed; null if the access of all users may have changed */
type Listener = (room: string, user: string | null) => void;

/** Notifies presence of changes of access to a room. Chat decides about the access. */
export class RoomAccessChanges {
  readonly #listeners = new Set<Listener>();

  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  notify(room: string, user: string | null): void {
    for (const listener of this.#listeners) listener(room, user);
  }
}
