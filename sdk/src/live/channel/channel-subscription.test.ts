import { GrandstandError } from "@grandstand/shared/errors";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Outcome } from "../../calls.js";
import {
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";
import type { ChannelView } from "./channel-view.js";

interface Asked {
  operation: string;
  view: ChannelView | null;
  settle: (outcome: Outcome) => void;
}

/** The server's side of one channel. It replies to a request when the test calls `answer`. */
class Far implements SubscriptionWire {
  isLive = false;
  held: ChannelView | null = null;
  asked: Asked[] = [];
  mostAskedAtOnce = 0;

  request(operation: Asked["operation"], input: unknown, settle: Asked["settle"]): void {
    const { view = null } = input as { view?: ChannelView };
    this.asked.push({ operation, view, settle });
    this.mostAskedAtOnce = Math.max(this.mostAskedAtOnce, this.asked.length);
  }

  answer(error: GrandstandError | null): void {
    const { operation, view, settle } = this.asked.shift() ?? {};
    if (!operation || !settle) return;
    // As on a real server, the earlier subscription ends even if the new one is refused.
    this.held = error ? null : (view ?? null);
    settle(error ? { ok: false, error } : { ok: true, data: { position: { epoch: "e", offset: 5 } } });
  }

  lose(): Asked[] {
    this.isLive = false;
    this.held = null;
    return this.asked.splice(0);
  }
}

/** The client's side. `shown` is the view to which it is subscribed; null without a subscription. */
class Near implements SubscriptionObserver {
  shown: ChannelView | null = null;
  isIdle = true;
  pushes = 0;

  onSubscribed(_reply: unknown, view: ChannelView): void {
    this.shown = view;
  }
  onPublications(): void {
    expect(this.shown).not.toBeNull();
    this.pushes += 1;
  }
  onInterrupted(): void {
    this.shown = null;
  }
  onRefused(): void {
    this.shown = null;
  }
  onIdle(): void {
    this.shown = null;
    this.isIdle = true;
  }
}

const refused = new GrandstandError("forbidden", "No");
const busy = new GrandstandError("unavailable", "Not now");
const view = fc.option(
  fc.constantFrom<ChannelView>(
    { top: 10, me: false },
    { top: 50, me: false },
    { top: 50, me: true },
    { window: "daily", top: 50, me: true },
  ),
);
const step = fc.oneof(
  fc.record({ step: fc.constant("want" as const), view }),
  fc.record({
    step: fc.constant("answer" as const),
    error: fc.constantFrom(null, null, null, refused, busy),
  }),
  fc.record({ step: fc.constantFrom("live" as const, "lose" as const, "push" as const, "wait" as const) }),
);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("sends one request at a time, and follows the last wanted view in the end, whatever happened before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), view, (steps, last) => {
      const far = new Far();
      const near = new Near();
      const subscription = new ChannelSubscription("leaderboard:arcade", far, near);
      let wanted: ChannelView | null = null;
      const want = (now: ChannelView | null) => {
        wanted = now;
        near.isIdle = false;
        subscription.want(now);
      };
      const live = () => {
        if (far.isLive) return;
        far.isLive = true;
        subscription.onLive();
        // A new connection asks at once: refusals and delays of an earlier connection no longer count.
        expect(far.asked).toHaveLength(wanted ? 1 : 0);
      };
      for (const now of steps) {
        if (now.step === "want") want(now.view);
        else if (now.step === "answer") far.answer(now.error);
        else if (now.step === "live") live();
        else if (now.step === "wait") vi.runOnlyPendingTimers();
        else if (now.step === "push") {
          const publications = [{ offset: 6, event: "leaderboard.updated", data: null }];
          subscription.onPush({ channel: "leaderboard:arcade", epoch: "e", publications });
        } else if (far.isLive) {
          const unanswered = far.lose();
          subscription.onLost();
          for (const { settle } of unanswered) settle({ ok: false, error: busy });
          expect(near.isIdle).toBe(wanted === null);
        }
      }
      want(last);
      live();
      while (far.asked.length > 0 || vi.getTimerCount() > 0) {
        far.answer(null);
        vi.runOnlyPendingTimers();
      }
      expect(far.held).toEqual(last);
      expect(near.shown).toEqual(last);
      expect(near.isIdle).toBe(last === null);
      expect(far.mostAskedAtOnce).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
});

it("subscribes to the wanted view after the server has refused an earlier view", () => {
  const far = new Far();
  const near = new Near();
  const subscription = new ChannelSubscription("leaderboard:arcade", far, near);
  far.isLive = true;
  subscription.want({ window: "hourly", top: 10, me: false });
  subscription.want({ window: "daily", top: 10, me: false });
  far.answer(refused);
  expect(far.asked).toMatchObject([{ view: { window: "daily" } }]);
  far.answer(null);
  expect(near.shown).toEqual({ window: "daily", top: 10, me: false });
  subscription.end();
});

it("retries no sooner than the server asks for", () => {
  const far = new Far();
  const subscription = new ChannelSubscription("leaderboard:arcade", far, new Near());
  far.isLive = true;
  subscription.want({ top: 10, me: false });
  far.answer(new GrandstandError("rate_limited", "Too many", { retryAfterMs: 30_000 }));
  vi.advanceTimersByTime(29_999);
  subscription.retry();
  expect(far.asked).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(far.asked).toHaveLength(1);
  subscription.end();
});

it("an ended subscription leaves no timer", () => {
  const far = new Far();
  const subscription = new ChannelSubscription("leaderboard:arcade", far, new Near());
  far.isLive = true;
  subscription.want({ top: 10, me: false });
  far.answer(busy);
  expect(vi.getTimerCount()).toBe(1);
  subscription.end();
  expect(vi.getTimerCount()).toBe(0);
});
