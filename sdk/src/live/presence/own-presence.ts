import { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { Outcome } from "../../calls.js";
import { LATER, Retry, retryAfter } from "../channel/retry.js";
import { Viewers } from "../channel/viewers.js";
import { notEntered, type PresenceState } from "./presence-state.js";

/** The part of the connection that the client's own presence uses. */
export interface OwnPresenceWire {
  readonly isLive: boolean;
  /** Sends a request, which fails if its connection is lost. */
  request(
    operation: "presence.enter" | "presence.update" | "presence.leave",
    input: object,
    settle: (outcome: Outcome) => void,
  ): void;
}

/**
 * After the server has refused to show the room, the client waits a random time: at least `DOUBT_MS`, at most twice
 * `DOUBT_MS`. After that the client enters again, to find out whether it is still allowed to be in the room.
 */
const DOUBT_MS = 500;

/** A part of the app that has called `enter`. The client is in the room while there is at least one entrant. */
export interface Entrant {
  /** Resolves when the server has accepted this state, or a later one. */
  update(state: PresenceState | null): Promise<PresenceMember>;
  /** Ends this entrant's stay. The client leaves the room shortly after its last entrant was released. */
  release(): void;
}

/** A call of `update` that waits until the server has accepted the change. */
interface Waiting {
  change: number;
  resolve: (member: PresenceMember) => void;
  reject: (error: GrandstandError) => void;
}

/** Whether this connection is in the room, as far as the client knows. */
type Membership =
  | { name: "out" }
  /**
   * The client may be in the room: `presence.enter` was sent but has not succeeded yet, `presence.leave` failed, or
   * `doubt` was called.
   */
  | { name: "unknown" }
  /**
   * `confirmed` is the number of the last change that the server has accepted. `isSure` is false if the
   * server may have removed the client since, because the credentials have changed.
   */
  | { name: "in"; confirmed: number; isSure: boolean };

/** The state of the requests. */
type Step =
  | { name: "free" }
  /**
   * A request has no reply yet. `isOutdated`: the credentials have changed since, so the reply may no longer
   * hold.
   */
  | { name: "requesting"; isOutdated: boolean }
  /** A request failed, or `doubt` was called. The next request follows after a delay. */
  | { name: "waiting" }
  /** The server refused to let the client in. The client retries from time to time if the reason may pass. */
  | { name: "refused" };

/**
 * The client's own presence in a room, shared by all entrants. It sends requests, one at a time, until the
 * server has the wanted state. On a new connection the client enters again. It then does not repeat a state
 * that the server has already accepted, because another device of the user may have set a later state.
 *
 * There is one exception. A presence session is the time from a user's join to the leave. If the server has begun a
 * new presence session, and this session has no state, `#adopt` sends the accepted state again.
 */
export class OwnPresence {
  readonly #room: string;
  readonly #wire: OwnPresenceWire;
  readonly #onChange: () => void;
  readonly #onEntered: () => void;
  readonly #retry = new Retry(() => this.#tryAgain());
  readonly #refusedRetry = new Retry(() => this.#tryAgain(), LATER);
  #entrants = this.#newEntrants();
  #membership: Membership = { name: "out" };
  #step: Step = { name: "free" };
  /** The state that other users should see; undefined to keep the state on the server. */
  #state: PresenceState | null | undefined;
  /** Counts the changes of `#state`. */
  #change = 0;
  /** The number of the last change that the server has accepted or refused, on any connection. */
  #settled = 0;
  /** The state that the server accepted last. After a refused change, `#state` returns to it. */
  #confirmedState: PresenceState | null | undefined;
  /** The member as the server last returned it. */
  #member: PresenceMember | null = null;
  #waiting: Waiting[] = [];
  #leaving: (() => void)[] = [];
  #error: GrandstandError | null = null;
  /** Counts the calls of `#reset`, so that the reply to a request that was sent before a reset is ignored. */
  #session = 0;
  #ended: GrandstandError | null = null;

  /** @param onEntered called when the server has accepted the client into the room */
  constructor(room: string, wire: OwnPresenceWire, onChange: () => void, onEntered: () => void) {
    this.#room = room;
    this.#wire = wire;
    this.#onChange = onChange;
    this.#onEntered = onEntered;
  }

  get isIn(): boolean {
    return this.#membership.name === "in";
  }

  get state(): PresenceState | null {
    if (!this.#isWanted) return null;
    return this.#state === undefined ? (this.#member?.state ?? null) : this.#state;
  }

  get error(): GrandstandError | null {
    return this.#error;
  }

  /** Whether there are no entrants, and the client is out of the room. */
  get isIdle(): boolean {
    return !this.#isWanted && this.#membership.name === "out" && this.#step.name !== "requesting";
  }

  get #isWanted(): boolean {
    return this.#entrants.all.length > 0;
  }

  /** @param state the state that other users see from now on; omit it to keep the current state */
  enter(state?: PresenceState | null): Entrant {
    const entrants = this.#entrants;
    const entrant: Entrant = {
      update: (next) => {
        const isIn = entrants === this.#entrants && entrants.attached.includes(entrant);
        return isIn ? this.#show(next) : Promise.reject(notEntered(this.#room));
      },
      release: () => entrants.release(entrant),
    };
    this.#forgetRefusal();
    // If a further entrant has the same state, nothing needs to be sent.
    if (state !== undefined && !isSameState(state, this.#state)) this.#wish(state);
    entrants.attach(entrant);
    return entrant;
  }

  update(state: PresenceState | null): Promise<PresenceMember> {
    return this.#isWanted ? this.#show(state) : Promise.reject(notEntered(this.#room));
  }

  /**
   * Leaves the room and releases all entrants. Resolves when the server has confirmed that the client left, or
   * when the connection is lost.
   */
  leave(): Promise<void> {
    this.#entrants.end();
    this.#entrants = this.#newEntrants();
    const left = new Promise<void>((resolve) => this.#leaving.push(resolve));
    this.#onWanted();
    return left;
  }

  onLive(): void {
    this.#retry.reset();
    this.#advance();
  }

  onLost(): void {
    this.#reset();
    this.#advance();
    this.#onChange();
  }

  /**
   * The server no longer shows the room to this client. Usually it has also removed the client from the room,
   * but a user may be allowed to be in a room without seeing it. So the client enters again after a delay, to
   * find out.
   */
  doubt(error: GrandstandError): void {
    if (!this.#isWanted || (!this.isIn && this.#step.name !== "requesting")) return;
    this.#reset();
    this.#membership = { name: "unknown" };
    this.#error = error;
    this.#step = { name: "waiting" };
    this.#retry.scheduleIn(DOUBT_MS * (1 + Math.random()));
  }

  /** The credentials have changed, so entering the room may be allowed now, or no longer be allowed. */
  review(): void {
    this.#forgetRefusal();
    if (this.#step.name === "requesting") this.#step = { name: "requesting", isOutdated: true };
    else if (this.#membership.name === "in") this.#membership = { ...this.#membership, isSure: false };
    this.#advance();
  }

  /** Tries to enter again immediately, if the server refused to let the client in. */
  retry(): void {
    if (this.#step.name === "refused") this.#tryAgain();
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    this.#entrants.end();
    this.#reset();
    this.#rejectUpTo(this.#change, error);
    this.#settleLeaving();
  }

  /** The client is open again, perhaps for another user, so the former user's state is dropped. */
  reopen(): void {
    this.#ended = null;
    this.#entrants.reopen();
    this.#forgetShown();
    this.#advance();
  }

  #newEntrants(): Viewers<Entrant> {
    return new Viewers(() => this.#onWanted());
  }

  #onWanted(): void {
    if (!this.#isWanted) this.#forget();
    this.#advance();
    this.#onChange();
  }

  /** Drops the state and rejects waiting updates, because the last entrant was released. */
  #forget(): void {
    this.#rejectUpTo(this.#change, new GrandstandError("conflict", `The room ${this.#room} was left`));
    this.#forgetShown();
    if (this.#step.name !== "requesting") this.#become({ name: "free" });
  }

  #forgetShown(): void {
    this.#state = undefined;
    this.#confirmedState = undefined;
    this.#member = null;
    this.#settled = this.#change;
    this.#error = null;
    this.#forgetRefusal();
  }

  #forgetRefusal(): void {
    this.#refusedRetry.reset();
    if (this.#step.name === "refused") this.#become({ name: "free" });
  }

  #wish(state: PresenceState | null): void {
    this.#state = state;
    this.#change += 1;
    this.#forgetRefusal();
  }

  #show(state: PresenceState | null): Promise<PresenceMember> {
    if (this.#ended) return Promise.reject(this.#ended);
    // If the same state is being sent already, this call waits for that change.
    const isBeingSent = this.#settled < this.#change && isSameState(state, this.#state);
    if (!isBeingSent || this.#step.name === "refused") this.#wish(state);
    const change = this.#change;
    const shown = new Promise<PresenceMember>((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
    });
    this.#advance();
    this.#onChange();
    return shown;
  }

  #become(step: Step): void {
    this.#step = step;
    this.#retry.cancel();
    this.#refusedRetry.cancel();
  }

  #reset(): void {
    this.#session += 1;
    this.#membership = { name: "out" };
    this.#become({ name: "free" });
  }

  #tryAgain(): void {
    this.#become({ name: "free" });
    this.#advance();
    this.#onChange();
  }

  /** Sends the next request that is needed, if any. */
  #advance(): void {
    const { name } = this.#step;
    if (name === "requesting" || name === "waiting") return;
    if (!this.#isWanted) {
      if (this.#membership.name === "out") this.#settleLeaving();
      else this.#request("presence.leave", { room: this.#room });
      return;
    }
    if (!this.#wire.isLive || name === "refused") return;
    if (this.#membership.name !== "in" || !this.#membership.isSure) {
      const isNew = this.#settled < this.#change;
      if (this.#membership.name === "out") this.#membership = { name: "unknown" };
      this.#request("presence.enter", { room: this.#room, ...(isNew && { state: this.#state }) });
    } else if (this.#membership.confirmed < this.#change) {
      this.#request("presence.update", { room: this.#room, state: this.#state ?? null });
    }
  }

  #request(operation: "presence.enter" | "presence.update" | "presence.leave", input: object): void {
    const session = this.#session;
    const change = this.#change;
    const state = this.#state;
    this.#become({ name: "requesting", isOutdated: false });
    this.#wire.request(operation, input, (outcome) => {
      if (session !== this.#session) return;
      const isOutdated = this.#step.name === "requesting" && this.#step.isOutdated;
      this.#become({ name: "free" });
      if (!outcome.ok) this.#onError(operation, outcome.error, change);
      else if (operation === "presence.leave") this.#membership = { name: "out" };
      else {
        const { member } = outcome.data as { member: PresenceMember };
        const isUnchanged = !("state" in input) && change === this.#change;
        if (isUnchanged && state !== undefined) this.#adopt(member);
        this.#onShown(change, state, member, !isOutdated);
      }
      this.#advance();
      this.#onChange();
    });
  }

  /**
   * Adopts the state on the server, which another device may have set. But if the server began a new presence
   * session without a state, the state of the former session is sent again.
   */
  #adopt({ since, state }: PresenceMember): void {
    // `since` is when the presence session began, so a later value means another session.
    const isAnother = this.#member === null || since > this.#member.since;
    if (!isAnother || state !== null) this.#state = state;
    else if (this.#state) this.#wish(this.#state);
  }

  #onShown(
    change: number,
    state: PresenceState | null | undefined,
    member: PresenceMember,
    isSure: boolean,
  ): void {
    const wasIn = this.isIn;
    this.#retry.reset();
    this.#refusedRetry.reset();
    this.#membership = { name: "in", confirmed: change, isSure };
    this.#settled = change;
    this.#confirmedState = state === undefined ? undefined : member.state;
    this.#member = member;
    this.#error = null;
    const isShown = (waiting: Waiting) => waiting.change <= change;
    const shown = this.#waiting.filter(isShown);
    this.#waiting = this.#waiting.filter((waiting) => !isShown(waiting));
    for (const { resolve } of shown) resolve(member);
    if (!wasIn) this.#onEntered();
  }

  #onError(operation: string, error: GrandstandError, change: number): void {
    if (retryAfter(error) === "soon") {
      if (this.#isWanted) this.#error = error;
      if (operation === "presence.leave") this.#membership = { name: "unknown" };
      this.#step = { name: "waiting" };
      this.#retry.schedule(error.retryAfterMs);
    } else if (operation === "presence.leave") {
      this.#membership = { name: "out" };
    } else if (operation === "presence.update" && error.code === "conflict") {
      // The server has removed this connection from the room. The client enters again, to find out whether the
      // server still lets it in.
      this.#membership = { name: "out" };
    } else {
      this.#onRefused(operation, error, change);
    }
  }

  #onRefused(operation: string, error: GrandstandError, change: number): void {
    this.#rejectUpTo(change, error);
    if (operation === "presence.enter") this.#membership = { name: "out" };
    if (!this.#isWanted) return;
    this.#error = error;
    // If there is a later change than the refused one, the client still sends the later change.
    const isLatest = change === this.#change;
    if (operation === "presence.enter") {
      if (!isLatest) return;
      this.#step = { name: "refused" };
      if (retryAfter(error) === "later") this.#refusedRetry.schedule();
      return;
    }
    if (this.#membership.name === "in") this.#membership = { ...this.#membership, confirmed: change };
    this.#settled = change;
    if (isLatest) this.#state = this.#confirmedState;
  }

  #rejectUpTo(change: number, error: GrandstandError): void {
    const refused = this.#waiting.filter((waiting) => waiting.change <= change);
    this.#waiting = this.#waiting.filter((waiting) => waiting.change > change);
    for (const { reject } of refused) reject(error);
  }

  #settleLeaving(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const resolve of leaving) resolve();
  }
}

function isSameState(one: PresenceState | null, other: PresenceState | null | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
