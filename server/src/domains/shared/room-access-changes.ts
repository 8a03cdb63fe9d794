/** @param user the only user concerned; null when the change concerns everyone */
type Listener = (room: string, user: string | null) => void;

/** Tells the domains of one node that access to a room has changed. Chat decides about access, presence follows. */
export class RoomAccessChanges {
  readonly #listeners = new Set<Listener>();

  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  tell(room: string, user: string | null): void {
    for (const listener of this.#listeners) listener(room, user);
  }
}
