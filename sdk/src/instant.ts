/** A moment on two clocks: a monotonic clock may stop while a device sleeps, and a wall clock may be set. */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function now(): Instant {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** How long ago a moment was, by the clock that shows more. */
export function ageMsOf(instant: Instant): number {
  const { monotonicMs, wallMs } = now();
  return Math.max(monotonicMs - instant.monotonicMs, wallMs - instant.wallMs);
}
