import { errorTable, GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import { Backoff } from "../backoff.js";
import type { Outcome } from "../calls.js";
import type { PresenceState } from "./presence-state.js";
import { Viewers } from "./viewers.js";

/** What one's own presence needs of the connection. */
export interface OwnPresenceWire {
  readonly isLive: boolean;
  /** A request that ends with its connection. */
  request(
    operation: "presence.enter" | "presence.update" | "presence.leave",
    input: object,
    settle: (outcome: Outcome) => void,
  ): void;
}

/** How soon a client that is shown a room no more asks whether it is in it still. Up to twice as long: others ask, too. */
const DOUBT_MS = 500;

/** One of those who want this client to be in the room. */
export interface Entrant {
  /** @returns settles when the server has taken this state, or a later one. */
  update(state: PresenceState | null): Promise<PresenceMember>;
  /** The room is left shortly after the last entrant has gone, unless another one comes meanwhile. */
  release(): void;
}

interface Waiting {
  change: number;
  resolve: (member: PresenceMember) => void;
  reject: (error: GrandstandError) => void;
}

/**
 * This client's being in a room, brought step by step to what is wanted: one request at a time, the latest state
 * next, and on each new connection from the start again. What was shown before is not said anew there: another device
 * of the user may have shown something later since. All who enter share it.
 */
export class OwnPresence {
  readonly #room: string;
  readonly #wire: OwnPresenceWire;
  readonly #onChange: () => void;
  readonly #onEntered: () => void;
  readonly #backoff = new Backoff();
  #entrants = this.#newEntrants();
  /** Undefined leaves what the server has. */
  #state: PresenceState | null | undefined;
  /** What the server last said of this stay. */
  #member: PresenceMember | null = null;
  /** Counts what was wanted to be shown. */
  #change = 0;
  /** The last change that the server has taken or refused, on whatever connection. */
  #settled = 0;
  /** The change that the server has confirmed on this connection; null while the connection is not in the room. */
  #confirmed: number | null = null;
  /** Whether it may be in the room: a request without an answer may have had its effect. */
  #mayBeIn = false;
  /** The state that it last confirmed: where a refused change goes back to. */
  #confirmedState: PresenceState | null | undefined;
  #waiting: Waiting[] = [];
  #leaving: (() => void)[] = [];
  #error: GrandstandError | null = null;
  #isAsking = false;
  #wasRefused = false;
  /** Something may have put it out of the room since it was let in. */
  #isUnsure = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** The connection's number: answers that belong to an earlier one are void. */
  #session = 0;
  #ended: GrandstandError | null = null;

  /** @param onEntered called when the server has let it in */
  constructor(room: string, wire: OwnPresenceWire, onChange: () => void, onEntered: () => void) {
    this.#room = room;
    this.#wire = wire;
    this.#onChange = onChange;
    this.#onEntered = onEntered;
  }

  get isIn(): boolean {
    return this.#confirmed !== null;
  }

  get state(): PresenceState | null {
    if (!this.#isWanted) return null;
    return this.#state === undefined ? (this.#member?.state ?? null) : this.#state;
  }

  get error(): GrandstandError | null {
    return this.#error;
  }

  /** Whether nobody wants to be here, and the server knows. */
  get isIdle(): boolean {
    return !this.#isWanted && !this.#mayBeIn && !this.#isAsking;
  }

  get #isWanted(): boolean {
    return this.#entrants.all.length > 0;
  }

  /** @param state what to show from now on; left as it is when not given */
  enter(state?: PresenceState | null): Entrant {
    const entrants = this.#entrants;
    const entrant: Entrant = {
      update: (next) => {
        const isIn = entrants === this.#entrants && entrants.present.includes(entrant);
        return isIn ? this.#show(next) : Promise.reject(notEntered(this.#room));
      },
      release: () => entrants.release(entrant),
    };
    this.#wasRefused = false;
    // Who enters beside others, or anew, with what is shown already changes nothing.
    if (state !== undefined && !isSameState(state, this.#state)) this.#wish(state);
    entrants.attach(entrant);
    return entrant;
  }

  update(state: PresenceState | null): Promise<PresenceMember> {
    return this.#isWanted ? this.#show(state) : Promise.reject(notEntered(this.#room));
  }

  /** Leaves now, whoever has entered. @returns settles when the server knows, or the connection is gone. */
  leave(): Promise<void> {
    this.#entrants.end();
    this.#entrants = this.#newEntrants();
    const left = new Promise<void>((resolve) => this.#leaving.push(resolve));
    this.#onWanted();
    return left;
  }

  onLive(): void {
    this.#backoff.reset();
    this.#advance();
  }

  onLost(): void {
    this.#reset();
    this.#advance();
    this.#onChange();
  }

  /**
   * The server shows this client the room no more, for this reason. As a rule it has put it out; but one may also be
   * allowed to be in a room and not to see it. So it counts as out, and asks when the server has had time to do it.
   */
  doubt(error: GrandstandError): void {
    if (!this.#isWanted || (!this.isIn && !this.#isAsking)) return;
    this.#reset();
    this.#mayBeIn = true;
    this.#error = error;
    this.#retryIn(DOUBT_MS * (1 + Math.random()));
  }

  /** Other credentials may not allow to be in the room any more, of which the server says nothing, or allow it again. */
  review(): void {
    this.#wasRefused = false;
    this.#isUnsure = this.isIn || this.#isAsking;
    this.#advance();
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    this.#entrants.end();
    this.#reset();
    this.#rejectUpTo(this.#change, error);
    this.#settleLeaving();
  }

  /** The client is open again, perhaps as another user, who shows another state. */
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

  /** Nobody wants to show anything any more. */
  #forget(): void {
    this.#rejectUpTo(this.#change, new GrandstandError("conflict", `The room ${this.#room} was left`));
    this.#forgetShown();
    this.#stopRetrying();
  }

  #forgetShown(): void {
    this.#state = undefined;
    this.#confirmedState = undefined;
    this.#member = null;
    this.#settled = this.#change;
    this.#error = null;
    this.#wasRefused = false;
  }

  #wish(state: PresenceState | null): void {
    this.#state = state;
    this.#change += 1;
    this.#wasRefused = false;
  }

  #show(state: PresenceState | null): Promise<PresenceMember> {
    if (this.#ended) return Promise.reject(this.#ended);
    // Said once more while it is on its way, it is the same change.
    const isOnItsWay = this.#settled < this.#change && isSameState(state, this.#state);
    if (!isOnItsWay || this.#wasRefused) this.#wish(state);
    const change = this.#change;
    const shown = new Promise<PresenceMember>((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
    });
    this.#advance();
    this.#onChange();
    return shown;
  }

  #reset(): void {
    this.#session += 1;
    this.#confirmed = null;
    this.#mayBeIn = false;
    this.#isAsking = false;
    this.#wasRefused = false;
    this.#isUnsure = false;
    this.#stopRetrying();
  }

  /** Takes the next step towards what is wanted, if one is due. */
  #advance(): void {
    if (this.#isAsking || this.#retryTimer !== undefined) return;
    if (!this.#isWanted) {
      if (this.#mayBeIn) this.#ask("presence.leave", { room: this.#room });
      else this.#settleLeaving();
      return;
    }
    if (!this.#wire.isLive || this.#wasRefused) return;
    if (this.#confirmed === null || this.#isUnsure) {
      const isNews = this.#settled < this.#change;
      this.#mayBeIn = true;
      this.#isUnsure = false;
      this.#ask("presence.enter", { room: this.#room, ...(isNews && { state: this.#state }) });
    } else if (this.#confirmed < this.#change) {
      this.#ask("presence.update", { room: this.#room, state: this.#state ?? null });
    }
  }

  #ask(operation: "presence.enter" | "presence.update" | "presence.leave", input: object): void {
    const session = this.#session;
    const change = this.#change;
    const state = this.#state;
    this.#isAsking = true;
    this.#wire.request(operation, input, (outcome) => {
      if (session !== this.#session) return;
      this.#isAsking = false;
      if (!outcome.ok) this.#onError(operation, outcome.error, change);
      else if (operation === "presence.leave") this.#isOut();
      else {
        const { member } = outcome.data as { member: PresenceMember };
        const isAsItWas = !("state" in input) && change === this.#change;
        if (isAsItWas && state !== undefined) this.#adopt(member);
        this.#onShown(change, state, member);
      }
      this.#advance();
      this.#onChange();
    });
  }

  /** Takes over what the server has, or says again what was shown in an earlier stay and is not in this one. */
  #adopt({ since, state }: PresenceMember): void {
    // When a stay began is told later on only of another one.
    const isAnother = this.#member === null || since > this.#member.since;
    if (!isAnother || state !== null) this.#state = state;
    else if (this.#state) this.#wish(this.#state);
  }

  #onShown(change: number, state: PresenceState | null | undefined, member: PresenceMember): void {
    const wasIn = this.isIn;
    this.#backoff.reset();
    this.#confirmed = change;
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

  #isOut(): void {
    this.#confirmed = null;
    this.#mayBeIn = false;
  }

  #onError(operation: string, error: GrandstandError, change: number): void {
    if (errorTable[error.code]?.retry) {
      if (this.#isWanted) this.#error = error;
      if (operation === "presence.leave") this.#confirmed = null;
      if (operation === "presence.enter") this.#isUnsure = true;
      this.#retryIn(Math.max(error.retryAfterMs ?? 0, this.#backoff.nextMs()));
    } else if (operation === "presence.leave") {
      this.#isOut();
    } else if (operation === "presence.update" && error.code === "conflict") {
      // The server put this connection out of the room: only entering says whether it may come back.
      this.#isOut();
    } else {
      this.#onRefused(operation, error, change);
    }
  }

  #onRefused(operation: string, error: GrandstandError, change: number): void {
    this.#rejectUpTo(change, error);
    if (operation === "presence.enter") this.#isOut();
    if (!this.#isWanted) return;
    this.#error = error;
    // A later wish is tried all the same.
    const isLatest = change === this.#change;
    if (operation === "presence.enter") this.#wasRefused = isLatest;
    else {
      this.#confirmed = change;
      this.#settled = change;
      if (isLatest) this.#state = this.#confirmedState;
    }
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

  #retryIn(delayMs: number): void {
    this.#stopRetrying();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#advance();
      this.#onChange();
    }, delayMs);
  }

  #stopRetrying(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }
}

/** What a change of state meets where nobody wants to be. */
export function notEntered(room: string): GrandstandError {
  return new GrandstandError("conflict", `This client has not entered the room ${room}`);
}

function isSameState(one: PresenceState | null, other: PresenceState | null | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
