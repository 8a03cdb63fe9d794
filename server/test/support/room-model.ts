interface ModelMessage {
  offset: number;
  user: string;
  text: string;
  isDeleted: boolean;
  /** In the order in which they were added. */
  reactions: { user: string; emoji: string }[];
}

/** The model of a room, by the rules CT1, CT4, CT5 and CT9 of docs/requirements.md. */
export class RoomModel {
  messages: ModelMessage[] = [];
  readonly #marks = new Map<string, number>();
  /** The offset of the last item of the log. A message, edit, deletion or reaction is an item. */
  last = 0;

  constructor(readonly logSize: number) {}

  /** The offset at which the log begins: right after the last message that the log has dropped. */
  get head(): number {
    return (this.messages.at(-this.logSize - 1)?.offset ?? 0) + 1;
  }

  /** The last messages, deleted ones included. */
  get kept(): ModelMessage[] {
    return this.messages.slice(-this.logSize);
  }

  send(user: string, text: string): number {
    this.last += 1;
    this.messages.push({ offset: this.last, user, text, isDeleted: false, reactions: [] });
    return this.last;
  }

  /** @returns the error code, or null */
  edit(user: string, offset: number, text: string): string | null {
    const message = this.#find(offset);
    if (!message) return "not_found";
    if (message.user !== user) return "forbidden";
    message.text = text;
    this.last += 1;
    return null;
  }

  delete(user: string, offset: number): string | null {
    const message = this.#find(offset);
    if (!message) return "not_found";
    if (message.user !== user) return "forbidden";
    Object.assign(message, { text: "", isDeleted: true, reactions: [] });
    this.last += 1;
    return null;
  }

  react(user: string, offset: number, emoji: string, isAdded: boolean): string | null {
    const message = this.#find(offset);
    if (!message) return "not_found";
    const others = message.reactions.filter((one) => one.user !== user || one.emoji !== emoji);
    const isThere = others.length < message.reactions.length;
    if (isThere === isAdded) return null;
    message.reactions = isAdded ? [...message.reactions, { user, emoji }] : others;
    this.last += 1;
    return null;
  }

  read(user: string, offset: number): string | null {
    if (offset > this.last) return "not_found";
    this.#marks.set(user, Math.max(offset, this.#marks.get(user) ?? 0));
    return null;
  }

  unread(user: string): number {
    const mark = this.#marks.get(user) ?? 0;
    return this.kept.filter((one) => one.offset > mark && one.user !== user && !one.isDeleted).length;
  }

  #find(offset: number): ModelMessage | undefined {
    return this.kept.find((message) => message.offset === offset && !message.isDeleted);
  }
}
