import type { GrandstandError } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { patiently } from "../../../patiently.js";
import { Panel } from "../../../shell/Panel.js";
import { asError } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { download } from "../../ui/download.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { atTime, plural, whole } from "../../ui/format.js";
import { grouped } from "../../ui/group.js";

interface Line {
  domain: string;
  kind: string;
  [field: string]: unknown;
}

/** How many lines of one kind are shown. The exported file has all lines. */
const SHOWN = 20;
/** How many parts of the export are read at first. If the export has more parts, a button reads the others. */
const PARTS_AT_ONCE = 25;

/** Everything that is stored about a user, from `user.export`: entries, messages, memberships, sanctions and more. */
export function Stored({ user }: { user: string }) {
  const client = useClient();
  const [lines, setLines] = useState<Line[]>([]);
  const [isReading, setReading] = useState(false);
  const [isRead, setRead] = useState(false);
  const [error, setError] = useState<GrandstandError | null>(null);
  const run = useRef(0);
  const next = useRef<string | null>(null);

  const read = async (parts: number) => {
    const number = ++run.current;
    setReading(true);
    setError(null);
    try {
      let cursor = next.current;
      for (let read = 0; read < parts; read += 1) {
        const from = cursor;
        // A part that a busy node did not read in time is read again.
        const part: { content: string; nextCursor: string | null } = await patiently(() =>
          client.call("user.export", { user, ...(from && { cursor: from }) }),
        );
        if (number !== run.current) return;
        const found = part.content
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Line);
        setLines((before) => [...before, ...found]);
        cursor = part.nextCursor;
        next.current = cursor;
        if (cursor === null) {
          setRead(true);
          break;
        }
      }
    } catch (failure) {
      if (number === run.current) setError(asError(failure));
    }
    if (number === run.current) setReading(false);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: read once; `Pages` mounts a new page for each user
  useEffect(() => {
    void read(PARTS_AT_ONCE);
    return () => {
      run.current += 1;
      next.current = null;
      setLines([]);
    };
  }, [user]);

  const groups = grouped(lines, ({ domain, kind }) => `${domain} ${kind}`);
  return (
    <Panel
      title="Everything stored"
      className="all-columns"
      aside={
        isRead && (
          <button
            type="button"
            className="button small"
            onClick={() =>
              download(
                `${user}.ndjson`,
                lines.map((line) => `${JSON.stringify(line)}\n`),
                "application/x-ndjson",
              )
            }
          >
            Export
          </button>
        )
      }
    >
      {lines.length === 0 && (
        <p className="panel-text">
          {isRead
            ? "Nothing is stored about this user."
            : isReading
              ? "Reading what boards, rooms and counters keep about this user."
              : "Nothing was found yet. A large system takes a while to read."}
        </p>
      )}
      {error && <ErrorNote error={error} />}
      {groups.map(([group, found]) => (
        <details key={group} className="disclosure" open={found.length <= 5}>
          <summary>
            {plural(found.length, wordOf(found[0]!))} <span className="cell-note">{found[0]!.domain}</span>
          </summary>
          <ul className="stored-lines">
            {found.slice(0, SHOWN).map((line) => (
              <li key={JSON.stringify(line)}>{shown(line)}</li>
            ))}
            {found.length > SHOWN && <li>and {whole(found.length - SHOWN)} more, in the export</li>}
          </ul>
        </details>
      ))}
      {!isRead && !isReading && (
        <div className="form-actions">
          <button type="button" className="button" onClick={() => void read(Number.POSITIVE_INFINITY)}>
            Read on
          </button>
        </div>
      )}
    </Panel>
  );
}

const isIsoTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** `readMark` as `read mark`. */
function wordOf({ kind }: Line): string {
  return kind.replaceAll(/(?=[A-Z])/g, " ").toLowerCase();
}

/** A line with a link to what it is about. */
function shown({ domain: _, kind: __, board, room, counter, ...rest }: Line): ReactNode {
  const link =
    typeof board === "string"
      ? { page: "boards", id: board }
      : typeof room === "string"
        ? { page: "rooms", id: room }
        : typeof counter === "string"
          ? { page: "counters", id: counter }
          : null;
  const facts = Object.entries(rest).filter(([name, value]) => isTelling(name, value));
  return (
    <>
      {link && <a href={hrefOf(link.page, link.id)}>{link.id}</a>}{" "}
      {facts.map(([name, value]) => (
        <span key={name} className="stored-fact">
          <span>{name}</span> {shownValue(value)}
        </span>
      ))}
    </>
  );
}

function shownValue(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return isIsoTime.test(value) ? atTime(value) : value;
}

/** The fields of a line that are not shown: the user, whom the page names anyway, and ids of messages, sessions and notices. */
const LEFT_OUT = new Set(["id", "user", "member", "profile"]);

function isTelling(name: string, value: unknown): boolean {
  if (value === null || value === false || LEFT_OUT.has(name)) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
