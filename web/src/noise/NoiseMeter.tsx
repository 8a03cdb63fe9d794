import type { CSSProperties } from "react";

const LAMPS = 28;
/** What lights up every lamp: about as much as three people make together. */
const LOUDEST = 60;

/** A row of lamps, as many lit as it is loud. */
export function NoiseMeter({ level }: { level: number }) {
  // Loudness is felt by its ratio: a single clap already shows.
  const lit = Math.round(LAMPS * Math.min(1, Math.log1p(level) / Math.log1p(LOUDEST)));
  return (
    <div className="noise-meter" style={{ "--lamps": LAMPS } as CSSProperties} aria-hidden="true">
      {Array.from({ length: LAMPS }, (_, lamp) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a lamp is its place in the row.
        <span key={lamp} className="noise-lamp" data-lit={lamp < lit} data-loud={lamp >= LAMPS * 0.75} />
      ))}
    </div>
  );
}
