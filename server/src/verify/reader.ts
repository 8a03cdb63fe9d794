import type { Push } from "@grandstand/shared/channels";
import type { HistoryEvent } from "./history.js";
import { ReaderState, type Subscribed } from "./reader-state.js";
import { type Listener, type OpenSubscription, transports } from "./transports.js";

interface Options {
  name: string;
  /** The name of a transport in `transports`. */
  transport: string;
  /** The transports, by their names; those of Grandstand by default. */
  transports?: Record<string, OpenSubscription>;
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
  #connection: { drop(): void } | undefined;
  #isOver = false;

  constructor(options: Options) {
    super(options.name, options.transport);
    this.#options = options;
  }

  open(): void {
    const { room, token, chooseUrl, transports: available = transports } = this.#options;
    this.connects += 1;
    this.#connection = available[this.transport]!(
      { url: chooseUrl(), token, channel: `chat:${room}`, since: this.position },
      this,
    );
  }

  drop(): void {
    this.#connection?.drop();
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
