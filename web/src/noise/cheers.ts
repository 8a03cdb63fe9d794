/** The cheers. Each is a counter that every guest may add to. */
export const cheers = [
  { counter: "cheers:claps", name: "Claps", action: "Clap", icon: "clap" },
  { counter: "cheers:drums", name: "Drum beats", action: "Drum", icon: "drum" },
  { counter: "cheers:horns", name: "Horn blasts", action: "Blow a horn", icon: "horn" },
] as const;

export type Cheer = (typeof cheers)[number];

/** A `unique` counter: the estimated number of distinct visitors. */
export const visitorCounter = "gate";
