import { notOurCursor } from "./id-index.js";

/**
 * Awaits a page that Redis reads, beginning at a client's cursor.
 * @throws {GrandstandError} `bad_request` when Redis refuses the cursor: no earlier page returned that cursor
 */
export async function pageAt<T>(page: Promise<T>): Promise<T> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof Error && /invalid (cursor|stream id)/i.test(error.message)) throw notOurCursor();
    throw error;
  }
}
