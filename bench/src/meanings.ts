/** What each figure means for a user of Grandstand, in one line, by the id of its budget. */
const meanings: Record<string, string> = {
  B1: "How many scores a game server can write in batches, against the most that Redis itself takes.",
  B2: "What a single score costs over REST, against the least that any Node server could do for it.",
  B3: "How many users one core can send a busy chat to.",
  B4: "How long a message takes when nothing else happens: what users feel.",
  B5: "How many connected users fit into the memory of a machine.",
  B6: "What it costs Redis that users stay online and do nothing.",
  B7: "Whether a board may grow without becoming slow, and how much memory its members need.",
  B8: "Whether spectators of a board load Redis: any number of them reads it a few times a second.",
  B9: "How long users are offline after a node died and all of them came back at once.",
  W1: "Whether more cores on one machine take more scores.",
  W2: "Whether more cores on one machine deliver more messages.",
  CN3: "Whether one hot counter loads Redis: its adds are written together.",
  C1: "How many adds one hot counter takes.",
  C2: "What it costs that a repeated add counts once.",
  C3: "Whether adding adds together makes a lone one slower.",
  M1: "What metrics cost a call.",
  M2: "What metrics cost a delivery.",
  H1: "What your own rules before each message cost, in the process of the node.",
  H2: "What they cost over HTTP, to a server of your own.",
  G1: "How the price of a submit grows with the board: with the logarithm of its size.",
  G2: "How the price of a delivery falls with the audience: a message is encoded once for all of it.",
  G3: "How much memory the next thousand users need.",
};

export function meaningOf(id: string): string | undefined {
  return meanings[id];
}
