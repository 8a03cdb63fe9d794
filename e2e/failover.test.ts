import { createClient } from "@grandstand/sdk";
import { expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { byKeyboard, enter, shownNumber } from "./player.js";

it("keeps the board and the score of a running round while the node is down, and continues on the next node", {
  timeout: 120_000,
}, async () => {
  const settings = {
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir },
  };
  const first = await startNode(settings);
  await openArcade(first.url, { mara: 900, tomas: 800, yuki: 700 });
  const browser = await launchBrowser();
  try {
    const { page, badge, problems, rowOf, ownRow, beginRound } = await enter(browser, first.url, "Ada");
    const names = () => page.locator(".row-name-text").allTextContents();
    await eventually(names).toEqual(["mara", "tomas", "yuki"]);
    expect(problems).toEqual([]);

    await beginRound(3, byKeyboard);
    await first.kill("SIGKILL");
    await eventually(() => badge.textContent()).toContain("Offline");
    await page.getByText("Connection lost.").waitFor();
    expect(await names()).toEqual(["mara", "tomas", "yuki"]);

    // The running round continues without a connection, and its score is kept. The next round can't begin
    // before the connection is back.
    const replay = page.getByRole("button", { name: "Play again" });
    await replay.waitFor();
    const score = await shownNumber(page.locator(".scoreline-score dd"));
    expect(await replay.getAttribute("aria-disabled")).toBe("true");
    await page.getByText("You can play when the connection is back").waitFor();
    await replay.press("Enter");
    expect(await page.getByRole("button", { name: "Stop" }).count()).toBe(0);

    const second = await startNode({ ...settings, port: first.port });
    try {
      await eventually(() => badge.textContent()).toContain("Live");
      await eventually(() => replay.getAttribute("aria-disabled")).toBe("false");
      await ownRow.waitFor();
      expect(await shownNumber(ownRow.locator(".row-score"))).toBe(score);
      await eventually(names).toEqual(["Ada", "mara", "tomas", "yuki"]);

      const rival = createClient({ url: second.url, token: TEST_API_KEY });
      await rival.leaderboard("arcade").submit({ member: "noor", score: 850 });
      rival.close();
      await rowOf("noor").waitFor();
      expect(await names()).toEqual(["Ada", "mara", "noor", "tomas", "yuki"]);
    } finally {
      await second.stop();
    }
    // The browser logs refused connections while the node is down. Any other problem is a fault of the page.
    expect(problems.filter((text) => !/ERR_CONNECTION|ERR_EMPTY|ERR_SOCKET|WebSocket/.test(text))).toEqual(
      [],
    );
  } finally {
    await browser.close();
    await first.stop();
  }
});
