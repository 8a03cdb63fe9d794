/**
 * A moment on two clocks, because each of them may miss time: the monotonic clock may stop while a device
 * sleeps, and the wall clock may be set back.
 */
export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function now(): Instant {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** How long ago a moment was: the longer of the times that the two clocks measured. */
export function ageMsOf(instant: Instant): number {
  const { monotonicMs, wallMs } = now();
  return Math.max(monotonicMs - instant.monotonicMs, wallMs - instant.wallMs);
}
