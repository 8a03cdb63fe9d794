import type { Caller } from "../../core/caller.js";
import { levelOf } from "../../redis/faults.js";
import type { TopicListener, Topics } from "../../redis/topics.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import { INBOX_PREFIX, type Inbox, type Inboxes, type InboxPublication } from "../shared/inbox.js";
import { RoomLists } from "./room-list.js";
import type { ChatDependencies } from "./store.js";

/** A user's channel publishes at most one unread count and one read mark of a room in this time. */
const INTERVAL_MS = 1_000;

/**
 * Follows the activity of the rooms of users whose channels have local subscribers. A room costs this node one Redis
 * subscription however many of its users are here, and a message costs Redis no write per user.
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
      // After a reconnect the topic is subscribed to again, and resync is called.
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

/** One room of an inbox. */
interface FollowedRoom extends TopicListener {
  /** Runs while the room's last publication is younger than the interval. */
  timer: NodeJS.Timeout | null;
  hasChanged: boolean;
  /** A read mark to publish; null when there is none. */
  read: number | null;
  /** What was last published, to compare; null at first. */
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
    // Only what the rooms themselves allow: tokens differ between the user's connections.
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
      // A room that has published nothing here is read by the client itself.
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
      // The timer reads it again.
      followed.hasChanged = true;
      this.#dependencies.log[levelOf(error)]({ err: error, room }, "reading an unread count failed");
    }
  }
}
