import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChannelReply, ChannelSubscription, SubscriptionObserver } from "./channel-subscription.js";
import { wholeChannel } from "./channel-view.js";
import type { LiveChannel } from "./live-channels.js";
import { Viewers } from "./viewers.js";

interface ViewState {
  readonly status: "loading" | "live" | "stale" | "failed";
  readonly error: GrandstandError | null;
}

/**
 * A channel that is followed as a whole: listeners can't choose a part. All listeners share one subscription and one state.
 */
export abstract class WatchedChannel<State extends ViewState> implements LiveChannel, SubscriptionObserver {
  abstract readonly subscription: LiveChannel["subscription"] & Pick<ChannelSubscription, "want" | "end">;
  readonly #loading: State;
  readonly #onUnused: () => void;
  readonly #viewers = new Viewers<{ listener: () => void }>(() => this.#want());
  #state: State;

  /** @param loading the state before the first snapshot */
  constructor(loading: State, onUnused: () => void) {
    this.#loading = loading;
    this.#state = loading;
    this.#onUnused = onUnused;
  }

  get state(): State {
    return this.#state;
  }

  /** Whether there are listeners, or there were some within the last second. */
  protected get isWanted(): boolean {
    return this.#viewers.all.length > 0;
  }

  listen(listener: () => void): () => void {
    return this.#viewers.listen({ listener });
  }

  end(error: GrandstandError): void {
    this.#viewers.end();
    this.subscription.end();
    this.onRefused(error);
  }

  reopen(): void {
    this.#viewers.reopen();
    this.#become(this.#loading);
    this.#want();
  }

  onSubscribed({ snapshot }: ChannelReply): void {
    this.#become({ ...this.withSnapshot(this.#state, snapshot), status: "live", error: null });
  }

  onPublications(publications: Publication[]): void {
    this.#become(
      publications.reduce((state, publication) => this.withEvent(state, publication), this.#state),
    );
  }

  onInterrupted(error: GrandstandError | null): void {
    const isKnown = this.#state.status === "live" || this.#state.status === "stale";
    this.#become({ ...this.#state, status: isKnown ? "stale" : "loading", error });
  }

  onRefused(error: GrandstandError): void {
    this.#become({ ...this.#state, status: "failed", error });
  }

  onIdle(): void {
    this.#onUnused();
  }

  /** @returns `before` with the content of the snapshot */
  protected abstract withSnapshot(before: State, snapshot: unknown): State;

  /** @returns the same object if the event does not change the state */
  protected abstract withEvent(before: State, publication: Publication): State;

  #want(): void {
    if (!this.isWanted) this.#state = this.#loading;
    this.subscription.want(this.isWanted ? wholeChannel : null);
  }

  #become(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const { listener } of this.#viewers.attached) listener();
  }
}
