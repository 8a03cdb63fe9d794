/** What the crowd can do, each a counter of its own that every guest may add to. */
export const cheers = [
  { counter: "cheers:claps", name: "Claps", action: "Clap", icon: "clap" },
  { counter: "cheers:drums", name: "Drum beats", action: "Drum", icon: "drum" },
  { counter: "cheers:horns", name: "Horn blasts", action: "Blow a horn", icon: "horn" },
] as const;

export type Cheer = (typeof cheers)[number];

/** The unique counter of everyone who came through the gate. */
export const gateCounter = "gate";
