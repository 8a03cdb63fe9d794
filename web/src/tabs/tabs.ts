/** The parts of the page. A narrow window shows one part at a time; a wide window shows all parts. */
export const tabs = [
  { tab: "play", name: "Play" },
  { tab: "board", name: "Board" },
  { tab: "chat", name: "Chat" },
  { tab: "people", name: "People" },
  { tab: "nodes", name: "Nodes" },
] as const;

export type Tab = (typeof tabs)[number]["tab"];
