import type { Caller } from "../../core/caller.js";
import { levelOf } from "../../redis/faults.js";
import type { TopicListener, Topics } from "../../redis/topics.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import { INBOX_PREFIX, type Inbox, type Inboxes, type InboxPublication } from "../shared/inbox.js";
import { RoomLists } from "./room-list.js";
import type { ChatDependencies } from "./store.js";

/** A user's channel publishes at most one unread count and one read mark per room in this time. */
const INTERVAL_MS = 1_000;

/**
 * Publishes unread counts and read marks on the channels of users. If every message updated the count of every user in
 * Redis, the cost of a message would grow with the room. Instead, a node with subscribers of a user's channel follows the topic
 * `activity` of each of that user's rooms, and reads the counts when a topic reports a change. All inboxes of a node
 * share one subscription to a room's topic.
 */
export class ChatInboxes implements Inboxes {
  readonly #dependencies: ChatDependencies;
  readonly #topics: Pick<Topics, "listen" | "ignore">;
  readonly #lists: RoomLists;
  readonly #followers = new Map<string, Set<TopicListener>>();

  constructor(dependencies: ChatDependencies, topics: Pick<Topics, "listen" | "ignore">) {
    this.#dependencies = dependencies;
    this.#topics = topics;
    this.#lists = new RoomLists(dependencies);
  }

  open(user: string, publish: (publication: InboxPublication) => void): Inbox {
    return new UserInbox(user, publish, this, this.#lists, this.#dependencies);
  }

  follow(room: string, follower: TopicListener): void {
    const followers = this.#followers.get(room);
    if (followers) {
      followers.add(follower);
      return;
    }
    const first = new Set([follower]);
    this.#followers.set(room, first);
    const listener: TopicListener = {
      receive: (message) => first.forEach((each) => void each.receive(message)),
      resync: () => first.forEach((each) => void each.resync()),
    };
    this.#topics.listen(this.#topicOf(room), listener).then(listener.resync, (error: unknown) => {
      // No retry is needed: `Topics` subscribes again after a reconnect and then calls `resync`.
      this.#dependencies.log[levelOf(error)]({ err: error, room }, "following the activity of a room failed");
    });
  }

  ignore(room: string, follower: TopicListener): void {
    const followers = this.#followers.get(room);
    if (!followers?.delete(follower) || followers.size > 0) return;
    this.#followers.delete(room);
    this.#topics.ignore(this.#topicOf(room));
  }

  #topicOf(room: string): string {
    return this.#dependencies.keys.room(room).activity;
  }
}

/** What an inbox keeps for one of the user's rooms. */
interface FollowedRoom extends TopicListener {
  /** Runs for INTERVAL_MS after the room's count was last read; null when the next change may be read at once. */
  timer: NodeJS.Timeout | null;
  /** Whether the room has changed since its count was last read. */
  hasChanged: boolean;
  /** The read mark that is to be published next; null when there is none. */
  read: number | null;
  /** The unread count and last message that were last published, as text; null before the first publication. */
  published: string | null;
}

class UserInbox implements Inbox {
  readonly #caller: Caller;
  readonly #publish: (publication: InboxPublication) => void;
  readonly #inboxes: ChatInboxes;
  readonly #lists: RoomLists;
  readonly #dependencies: ChatDependencies;
  readonly #user: string;
  readonly #rooms = new Map<string, FollowedRoom>();
  readonly #listing: CoalescedTask;
  #isClosed = false;

  constructor(
    user: string,
    publish: (publication: InboxPublication) => void,
    inboxes: ChatInboxes,
    lists: RoomLists,
    dependencies: ChatDependencies,
  ) {
    this.#user = user;
    // The caller has no `caps` (rights that a token grants), because the user's connections can have different tokens.
    // So the inbox reads only rooms whose own rules admit the user.
    this.#caller = { kind: "user", user: { id: user, name: null, avatar: null, isGuest: false } };
    this.#publish = publish;
    this.#inboxes = inboxes;
    this.#lists = lists;
    this.#dependencies = dependencies;
    this.#listing = new CoalescedTask(
      () => this.#readList(),
      (error) => dependencies.log[levelOf(error)]({ err: error, user }, "reading a user's rooms failed"),
    );
    this.#listing.request();
  }

  receive(message: string): void {
    const [kind, room, offset] = message.slice(INBOX_PREFIX.length).split(" ") as [string, string, string?];
    if (kind === "left") this.#ignore(room);
    else {
      const followed = this.#follow(room);
      if (kind === "read") followed.read = Math.max(followed.read ?? 0, Number(offset));
      this.#onChange(room, followed);
    }
  }

  resync(): void {
    this.#listing.request();
  }

  close(): void {
    this.#isClosed = true;
    this.#listing.close();
    for (const room of [...this.#rooms.keys()]) this.#ignore(room);
  }

  async #readList(): Promise<void> {
    const rooms = new Set(await this.#lists.roomsOf(this.#user));
    if (this.#isClosed) return;
    for (const room of rooms) this.#follow(room);
    for (const room of [...this.#rooms.keys()]) if (!rooms.has(room)) this.#ignore(room);
  }

  #follow(room: string): FollowedRoom {
    const known = this.#rooms.get(room);
    if (known) return known;
    const followed: FollowedRoom = {
      timer: null,
      hasChanged: false,
      read: null,
      published: null,
      receive: () => this.#onChange(room, followed),
      // Also called after the first subscription to the topic. A room whose count was never published is skipped, because
      // a client reads the counts of all rooms with `chat.rooms` itself. If an outage hid a change of such a room, the
      // user's channel publishes the right count at the room's next change.
      resync: () => {
        if (followed.published !== null) this.#onChange(room, followed);
      },
    };
    this.#rooms.set(room, followed);
    this.#inboxes.follow(room, followed);
    return followed;
  }

  #ignore(room: string): void {
    const followed = this.#rooms.get(room);
    if (!followed) return;
    clearTimeout(followed.timer ?? undefined);
    this.#rooms.delete(room);
    this.#inboxes.ignore(room, followed);
  }

  #onChange(room: string, followed: FollowedRoom): void {
    followed.hasChanged = true;
    if (followed.timer === null) void this.#publishChange(room, followed);
  }

  async #publishChange(room: string, followed: FollowedRoom): Promise<void> {
    followed.hasChanged = false;
    followed.timer = setTimeout(() => {
      followed.timer = null;
      if (followed.hasChanged) void this.#publishChange(room, followed);
    }, INTERVAL_MS).unref();
    if (followed.read !== null) this.#publish({ event: "chat.read", data: { room, offset: followed.read } });
    followed.read = null;
    try {
      const summary = await this.#lists.summaryOf(room, this.#caller);
      if (summary === null || this.#rooms.get(room) !== followed) return;
      const { unread, lastMessage } = summary;
      const published = [unread, lastMessage?.offset, lastMessage?.editedAt, lastMessage?.deleted].join(" ");
      if (published === followed.published) return;
      followed.published = published;
      this.#publish({ event: "chat.unread", data: { room, unread, lastMessage } });
    } catch (error) {
      // When the timer ends, the count is read again.
      followed.hasChanged = true;
      this.#dependencies.log[levelOf(error)]({ err: error, room }, "reading an unread count failed");
    }
  }
}
