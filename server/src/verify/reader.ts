import type { Push } from "@grandstand/shared/channels";
import type { HistoryEvent } from "./history.js";
import { type Listener, lines, type OpenLine } from "./lines.js";
import { ReaderState, type Subscribed } from "./reader-state.js";

interface Options {
  name: string;
  /** The name of a transport in `lines`. */
  transport: string;
  /** The transports, by their names; those of Grandstand by default. */
  lines?: Record<string, OpenLine>;
  room: string;
  token: string;
  chooseUrl: () => string;
  /** Called with each event that the reader receives. */
  record?: (event: HistoryEvent) => void;
}

/** Follows a room. After each lost connection it subscribes again from its last position, as a correct client does. */
export class Reader extends ReaderState implements Listener {
  connects = 0;
  readonly #options: Options;
  #line: { drop(): void } | undefined;
  #isOver = false;

  constructor(options: Options) {
    super(options.name, options.transport);
    this.#options = options;
  }

  open(): void {
    const { room, token, chooseUrl, lines: ways = lines } = this.#options;
    this.connects += 1;
    this.#line = ways[this.transport]!(
      { url: chooseUrl(), token, channel: `chat:${room}`, since: this.position },
      this,
    );
  }

  drop(): void {
    this.#line?.drop();
  }

  close(): void {
    this.#isOver = true;
    this.drop();
  }

  onSubscribed(reply: Subscribed): void {
    const at = performance.now();
    this.#options.record?.({ kind: "subscribed", at, reader: this.name, reply });
    this.subscribed(reply, at);
  }

  onPush({ epoch, publications }: Push): void {
    const at = performance.now();
    this.#options.record?.({ kind: "push", at, reader: this.name, epoch, publications });
    // If items are missing, the reader drops its connection and so subscribes again (`onClosed`). The reply contains the
    // items, or a snapshot and the reason for the gap.
    if (this.pushed(epoch, publications, at)) this.drop();
  }

  onClosed(reconnectAfterMs = 100): void {
    this.#options.record?.({ kind: "closed", at: performance.now(), reader: this.name });
    this.closed();
    if (!this.#isOver) setTimeout(() => this.#isOver || this.open(), reconnectAfterMs);
  }
}
