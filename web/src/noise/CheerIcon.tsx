import type { Cheer } from "./cheers.js";

/** Line drawings in the colour of the text around them. */
export function CheerIcon({ icon }: { icon: Cheer["icon"] }) {
  return (
    <svg className="cheer-icon" viewBox="0 0 48 48" aria-hidden="true">
      {drawings[icon]}
    </svg>
  );
}

const drawings = {
  clap: (
    <>
      <g transform="rotate(-16 17 30)">
        <path d="M11 33V18a3 3 0 0 1 6 0M17 20v-5a3 3 0 0 1 6 0v17c0 6-3 10-7 10s-6-3-8-8l-3-8a2.600 2.600 0 0 1 5-1.500l1 2.500" />
      </g>
      <g transform="rotate(16 31 30)">
        <path d="M37 33V18a3 3 0 0 0-6 0M31 20v-5a3 3 0 0 0-6 0v17c0 6 3 10 7 10s6-3 8-8l3-8a2.600 2.600 0 0 0-5-1.500l-1 2.500" />
      </g>
      <path d="M24 2v5M14 3l2 5M34 3l-2 5" />
    </>
  ),
  drum: (
    <>
      <ellipse cx="24" cy="22" rx="16" ry="6" />
      <path d="M8 22v14c0 3.300 7.200 6 16 6s16-2.700 16-6V22M14 27l5 14M34 27l-5 14M24 28v14" />
      <path d="M5 6l14 12M43 6L29 18" />
    </>
  ),
  horn: (
    <>
      <path d="M6 21v8l8 1 18 9V11L14 20z" />
      <path d="M13 31v8h6v-6M37 19c2 1.500 3 3.500 3 6s-1 4.500-3 6M41 13c3.500 3 5.500 7.200 5.500 12S44.500 34 41 37" />
    </>
  ),
};
