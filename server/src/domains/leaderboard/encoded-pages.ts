import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { EncodedResult, namesTag } from "../../core/encoded-result.js";
import { JsonBytes } from "../../core/json-bytes.js";
import type { ProfileTexts } from "../../profiles/shown-profiles.js";
import { SharedReads } from "../shared/shared-reads.js";
import { PackedRows } from "./packed-rows.js";
import { membersOf, writeEntries } from "./page-json.js";
import type { PageQuery } from "./page-queries.js";
import { nextCursorOf, orderOf, type PageReply, ranksAt } from "./pages.js";
import type { CachedSeason } from "./season-cache.js";
import type { BoardStores } from "./store.js";

const MAX_PAGES = 1_000;
const MAX_BYTES = 8 * 1_024 * 1_024;
/** The approximate memory of a cached page in addition to its JSON: its key and the profiles in it. */
const OVERHEAD_BYTES = 2_048;

/** The cached result of a query, and what it depends on. */
interface CachedPage {
  result: EncodedResult;
  season: string;
  /** The board's epoch and offset. */
  position: string;
  profiles: ProfileTexts;
}

/**
 * Reads pages of boards as JSON. A node caches pages, and checks with one command to Redis whether a page is still valid.
 * A valid page is neither read nor encoded again. The entity tag of a page is a hash of its bytes, so all nodes give the
 * same page the same tag.
 */
export class EncodedPages {
  readonly #stores: BoardStores;
  readonly #pages = new LRUCache<string, CachedPage>({
    max: MAX_PAGES,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ result }) => result.json.length + OVERHEAD_BYTES,
  });
  readonly #reads = new SharedReads<EncodedResult>();
  readonly #json = new JsonBytes();
  #isListening = false;

  constructor(stores: BoardStores) {
    this.#stores = stores;
  }

  /**
   * @param key identifies the query, including the caller if the page depends on the caller
   * @param ifNoneMatch the header `If-None-Match`: the entity tags of pages that the caller has; null without it
   */
  read(key: string, query: PageQuery, ifNoneMatch: string | null): Promise<EncodedResult> {
    const last = ifNoneMatch === null ? undefined : this.#pages.get(key);
    const hasLast = last !== undefined && namesTag(ifNoneMatch!, last.result.etag);
    const isRemembered = query.isShared || ifNoneMatch !== null;
    return this.#reads.read(`${hasLast} ${isRemembered} ${key}`, () =>
      this.#read(key, query, hasLast, isRemembered),
    );
  }

  /**
   * @param hasLast whether the caller has the cached page. If so, one HMGET first checks whether that page is still valid.
   * A valid page is returned without a run of the query's script.
   */
  async #read(
    key: string,
    query: PageQuery,
    hasLast: boolean,
    isRemembered: boolean,
  ): Promise<EncodedResult> {
    const remembered = this.#pages.get(key);
    const last = remembered?.profiles.isCurrent() ? remembered : null;
    if (last !== null && hasLast && (await this.#isCurrent(query, last))) return last.result;
    const store = this.#stores.of(query.board);
    const { reply, season } = await query.read(store, last?.position ?? "");
    if (reply === null) return last!.result;
    const page = await this.#encoded(query, reply, season);
    // A page of a closed season is not cached: the erasure of a user changes such a page without a new position.
    if (isRemembered && season.period !== null) this.#remember(key, page);
    return page.result;
  }

  #remember(key: string, page: CachedPage): void {
    if (!this.#isListening) {
      this.#isListening = true;
      // After a failover Redis may have lost writes, and may reach the same position with other entries.
      this.#stores.dependencies.redis.onReconnect(() => this.#pages.clear());
    }
    this.#pages.set(key, page);
  }

  async #isCurrent({ board, choice }: PageQuery, { season, position }: CachedPage): Promise<boolean> {
    const store = this.#stores.of(board);
    const chosen = await store.chosen(choice);
    return chosen.season === season && store.isUnchangedSince(position, chosen);
  }

  async #encoded(query: PageQuery, reply: PageReply, season: CachedSeason): Promise<CachedPage> {
    const rows = new PackedRows(reply.rows);
    const members = membersOf(rows);
    const reading = this.#stores.dependencies.profiles.texts(members);
    const profiles = reading instanceof Promise ? await reading : reading;
    const ranks = ranksAt(query.ranking, reply, rows);
    const more = JSON.stringify(query.fieldsOf(reply, season, nextCursorOf(reply, season, rows))).slice(1);
    this.#json.begin();
    this.#json.text('{"entries":[');
    writeEntries(this.#json, orderOf(reply), rows, members, ranks, profiles);
    this.#json.text(`],${more}`);
    const json = this.#json.take();
    const etag = `"${hash("sha256", json, "base64url").slice(0, 22)}"`;
    return {
      result: new EncodedResult(json, etag),
      season: season.season,
      position: reply.position.toString(),
      profiles,
    };
  }
}
