import { dataOf } from "../acks.js";
import { freshId } from "../names.js";
import type { Example, Preparing } from "./example.js";

/** Examples of calls on a board that only servers submit to. The board has one entry: that of the calling user. */
export const boardExamples: Example[] = [
  ...reads({
    get: {},
    entries: {},
    aroundScore: { score: 5 },
    stats: {},
    seasons: {},
  }),
  ...["entry", "around"].map((name) => onBoard(name, "may", ({ id }) => ({ member: id }))),
  onBoard("lookup", "may", ({ id }) => ({ members: [id] })),
  {
    operation: "leaderboard.list",
    users: "may",
    prepare: async () => ({ input: {}, channels: ["leaderboard:*"] }),
  },
  onBoard("submit", "may not", ({ id }) => ({ member: id, score: 6 })),
  onBoard("submitMany", "may not", ({ id }) => ({ scores: [{ member: id, score: 6 }] })),
  onBoard("setMetadata", "may not", ({ id }) => ({ member: id, metadata: null })),
  onBoard("remove", "may not", ({ id }) => ({ member: id })),
  onBoard("hide", "may not", ({ id }) => ({ member: id })),
  onBoard("show", "may not", ({ id }) => ({ member: id })),
  onBoard("configure", "may not", () => ({ order: "desc", max: 100 })),
  onBoard("delete", "may not", () => ({})),
  onBoard("close", "may not", () => ({})),
  onBoard("export", "may not", () => ({})),
  onBoard("import", "may not", () => ({ content: '{"member":"bo","score":3}' })),
];

/** The input to subscribe to a new board. */
export async function followBoard(preparing: Preparing) {
  const board = await makeBoard(preparing);
  return { input: { channel: `leaderboard:${board}` }, channels: [`leaderboard:${board}`] };
}

async function makeBoard({ server, id }: Preparing): Promise<string> {
  const board = freshId("board");
  dataOf(await server.call("leaderboard.configure", { board, submit: "server" }));
  dataOf(await server.call("leaderboard.submit", { board, member: id, score: 5 }));
  return board;
}

function onBoard(name: string, users: Example["users"], inputFor: (preparing: Preparing) => object): Example {
  return {
    operation: `leaderboard.${name}`,
    users,
    prepare: async (preparing) => {
      const board = await makeBoard(preparing);
      return { input: { board, ...inputFor(preparing) }, channels: [`leaderboard:${board}`] };
    },
  };
}

function reads(inputs: Record<string, object>): Example[] {
  return Object.entries(inputs).map(([name, input]) => onBoard(name, "may", () => input));
}
