import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { EncodedResult, namesTag } from "../../core/encoded-result.js";
import { JsonBytes } from "../../core/json-bytes.js";
import type { ProfileTexts } from "../../profiles/shown-profiles.js";
import { SharedReads } from "../shared/shared-reads.js";
import { PackedRows } from "./packed-rows.js";
import { membersOf, writeEntries } from "./page-json.js";
import { nextCursorOf, orderOf, type PageReply, ranksAt } from "./pages.js";
import type { PageQuestion } from "./questions.js";
import type { CachedSeason } from "./season-cache.js";
import type { BoardStores } from "./store.js";

const MAX_ANSWERS = 1_000;
const MAX_BYTES = 8 * 1_024 * 1_024;
/** The approximate memory of a cached answer besides its JSON: its key and the profiles in it. */
const BYTES_BESIDE = 2_048;

/** A cached answer to a question, and what it depends on. */
interface Answer {
  result: EncodedResult;
  season: string;
  /** The board's epoch and offset. */
  position: string;
  profiles: ProfileTexts;
}

/**
 * Answers reads of pages as JSON. A node caches answers, and asks Redis whether they are still valid, so that it neither
 * reads nor encodes an unchanged board again. The entity tag of an answer is a hash of its bytes, so all nodes give an
 * answer the same tag.
 */
export class BoardAnswers {
  readonly #stores: BoardStores;
  readonly #answers = new LRUCache<string, Answer>({
    max: MAX_ANSWERS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ result }) => result.json.length + BYTES_BESIDE,
  });
  readonly #reads = new SharedReads<EncodedResult>();
  readonly #json = new JsonBytes();
  #isListening = false;

  constructor(stores: BoardStores) {
    this.#stores = stores;
  }

  /**
   * @param key identifies the question, including the caller if the answer depends on it
   * @param ifNoneMatch the header `If-None-Match`: the entity tags of answers that the caller has; null without it
   */
  read(key: string, question: PageQuestion, ifNoneMatch: string | null): Promise<EncodedResult> {
    const last = ifNoneMatch === null ? undefined : this.#answers.get(key);
    const hasLast = last !== undefined && namesTag(ifNoneMatch!, last.result.etag!);
    const isRemembered = question.isShared || ifNoneMatch !== null;
    return this.#reads.read(`${hasLast} ${isRemembered} ${key}`, () =>
      this.#read(key, question, hasLast, isRemembered),
    );
  }

  /** @param hasLast whether the caller has the cached answer, so that one HMGET can confirm it without a script */
  async #read(
    key: string,
    question: PageQuestion,
    hasLast: boolean,
    isRemembered: boolean,
  ): Promise<EncodedResult> {
    const remembered = this.#answers.get(key);
    const last = remembered?.profiles.isCurrent() ? remembered : null;
    if (last !== null && hasLast && (await this.#isCurrent(question, last))) return last.result;
    const store = this.#stores.of(question.board);
    const { reply, season } = await question.read(store, last?.position ?? "");
    if (reply === null) return last!.result;
    const answer = await this.#encoded(question, reply, season);
    // An answer from a closed season is not cached: the erasure of a user changes it without a new position.
    if (isRemembered && season.period !== null) this.#remember(key, answer);
    return answer.result;
  }

  #remember(key: string, answer: Answer): void {
    if (!this.#isListening) {
      this.#isListening = true;
      // After a failover Redis may have lost writes, and may reach the same position with other entries.
      this.#stores.dependencies.redis.onReconnect(() => this.#answers.clear());
    }
    this.#answers.set(key, answer);
  }

  async #isCurrent({ board, choice }: PageQuestion, { season, position }: Answer): Promise<boolean> {
    const store = this.#stores.of(board);
    const chosen = await store.chosen(choice);
    return chosen.season === season && store.isUnchangedSince(position, chosen);
  }

  async #encoded(question: PageQuestion, reply: PageReply, season: CachedSeason): Promise<Answer> {
    const rows = new PackedRows(reply.rows);
    const members = membersOf(rows);
    const reading = this.#stores.dependencies.profiles.texts(members);
    const profiles = reading instanceof Promise ? await reading : reading;
    const ranks = ranksAt(question.ranking, reply, rows);
    const more = JSON.stringify(question.fieldsOf(reply, season, nextCursorOf(reply, season, rows))).slice(1);
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
