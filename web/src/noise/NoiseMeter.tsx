import type { CSSProperties } from "react";

const LAMPS = 28;
/**
 * The noise level that lights up every lamp. Each press of a cheer button adds 1 to the level. The level also decays, so it
 * takes about 70 presses a second to keep all lamps lit.
 */
const LOUDEST = 60;

/** A row of lamps that shows the noise level. */
export function NoiseMeter({ level }: { level: number }) {
  // A logarithmic scale, so that a single clap already shows.
  const lit = Math.round(LAMPS * Math.min(1, Math.log1p(level) / Math.log1p(LOUDEST)));
  return (
    <div className="noise-meter" style={{ "--lamps": LAMPS } as CSSProperties} aria-hidden="true">
      {Array.from({ length: LAMPS }, (_, lamp) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a lamp is identified by its place in the row.
        <span key={lamp} className="noise-lamp" data-lit={lamp < lit} data-loud={lamp >= LAMPS * 0.75} />
      ))}
    </div>
  );
}
