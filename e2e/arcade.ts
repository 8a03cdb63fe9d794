import { fileURLToPath } from "node:url";
import { createClient } from "@grandstand/sdk";
import { TEST_API_KEY } from "../server/test/support/names.js";

/** The folder of the built page, for the setting GRANDSTAND_WEB. */
export const webDir = fileURLToPath(new URL("../web/dist", import.meta.url));

/**
 * Creates the board of the demo's page with rivals on it.
 * @param rivals scores by member, which count in the windows `all`, `weekly` and `daily`
 * @param formerRivals scores by member, in the window `all` only
 */
export async function openArcade(
  url: string,
  rivals: Record<string, number> = {},
  formerRivals: Record<string, number> = {},
): Promise<void> {
  const client = createClient({ url, token: TEST_API_KEY });
  try {
    const arcade = client.leaderboard("arcade");
    await arcade.configure({
      order: "desc",
      operator: "best",
      submit: "member",
      min: 0,
      max: 100_000,
      windows: ["all", "weekly", "daily"],
    });
    const scores = Object.entries(rivals).map(([member, score]) => ({ member, score }));
    if (scores.length > 0) await arcade.submitMany(scores);
    const lines = Object.entries(formerRivals).map(([member, score]) => JSON.stringify({ member, score }));
    await arcade.import(lines, { window: "all" });
  } finally {
    client.close();
  }
}
