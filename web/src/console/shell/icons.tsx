/** The SVG path of each icon, in a view box of 24 by 24. */
const paths = {
  overview: "M4 19V10M10 19V5M16 19v-7M22 19H2",
  boards: "M4 20v-7h5v7M9.5 20V5h5v15M15 20v-10h5v10M2 20h20",
  rooms: "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5",
  counters: "M4 12h16M12 4v16",
  users:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.500 3.500 5.500",
  inspector: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M8 11h2l1.500-3 1.500 5 1-2h1",
  trace:
    "M5 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM5 7.500V17a2 2 0 0 0 2 2h9M5 12h11M16 14.500h5v-5h-5zM16 21.500h5v-5h-5z",
  explorer: "M8 7l-5 5 5 5M16 7l5 5-5 5M14 4l-4 16",
  jobs: "M12 21a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 8v5l3.500 2",
  webhooks: "M4 12h10M10 7l5 5-5 5M19 4v16",
  tools: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2",
  keys: "M14.500 14a4.500 4.500 0 1 0-4.200-3L3 18.500V21h3v-2h2v-2h2l1.800-1.800",
  audit: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
