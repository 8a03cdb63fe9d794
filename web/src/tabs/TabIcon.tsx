import type { Tab } from "./tabs.js";

/** Line drawings in the colour of the text around them. */
export function TabIcon({ tab }: { tab: Tab }) {
  return (
    <svg className="tab-icon" viewBox="0 0 24 24" aria-hidden="true">
      {drawings[tab]}
    </svg>
  );
}

const drawings = {
  play: <path d="M5 4v12h14V4M5 11h14M7 16v4M17 16v4" />,
  board: <path d="M4 20v-6h5v6M9.500 20V5h5v15M15 20v-9h5v9M3 20h18" />,
  chat: <path d="M4 5h16v11h-9l-5 4v-4H4z" />,
  people: (
    <path d="M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M3 20c0-4 2.500-6 6-6s6 2 6 6M16 4.500a3.500 3.500 0 0 1 0 6M17.500 14.300c2.300.700 3.500 2.500 3.500 5.700" />
  ),
  nodes: <path d="M4 4h16v6H4zM4 14h16v6H4zM8 7h.010M8 17h.010" />,
};
