/** @param user the user whose access changed; null if the access of all users may have changed */
type Listener = (room: string, user: string | null) => void;

/** Passes changes of access to a room from chat, which decides about access, to presence. */
export class RoomAccessChanges {
  readonly #listeners = new Set<Listener>();

  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  tell(room: string, user: string | null): void {
    for (const listener of this.#listeners) listener(room, user);
  }
}
