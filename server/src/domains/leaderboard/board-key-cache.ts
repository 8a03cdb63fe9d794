import { LRUCache } from "lru-cache";
import type { BoardKeys, Keys } from "../../redis/keys.js";

const MOST_BOARDS = 2_000;
/** How many seasons of one board are cached, over all its windows. */
const MOST_SEASONS = 32;

/** Caches the key names of boards, because building the names for a call takes longer than sending them. */
export class BoardKeyCache {
  readonly #keys: Keys;
  readonly #boards = new LRUCache<string, BoardKeys>({ max: MOST_BOARDS });

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  of(board: string): BoardKeys {
    const known = this.#boards.get(board);
    if (known !== undefined) return known;
    const keys = withKnownSeasons(this.#keys.board(board));
    this.#boards.set(board, keys);
    return keys;
  }
}

function withKnownSeasons(keys: BoardKeys): BoardKeys {
  const seasons = new Map<string, ReturnType<BoardKeys["season"]>>();
  return {
    ...keys,
    season(window, season) {
      const name = `${window} ${season}`;
      const known = seasons.get(name);
      if (known !== undefined) return known;
      if (seasons.size === MOST_SEASONS) seasons.clear();
      const built = keys.season(window, season);
      seasons.set(name, built);
      return built;
    },
  };
}
