import { type FormEvent, useState } from "react";
import { Panel } from "../../../shell/Panel.js";
import { useRead } from "../../api/useRead.js";
import { Code } from "../../ui/Copy.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { duration } from "../../ui/format.js";
import { OperationSheet } from "../../ui/OperationSheet.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";

/** Finds an entry of a cache, or drops entries by their tags. */
export function CachePanel() {
  const [cache, setCache] = useState("");
  const [key, setKey] = useState("");
  const [entry, setEntry] = useState<{ cache: string; key: string } | null>(null);
  const [isInvalidating, setInvalidating] = useState(false);
  const [changes, setChanges] = useState(0);
  const open = (event: FormEvent) => {
    event.preventDefault();
    setEntry({ cache: cache.trim(), key: key.trim() });
    setChanges((count) => count + 1);
  };
  return (
    <Panel title="Cache">
      <form className="inline-form" onSubmit={open}>
        <input
          aria-label="Id of the cache"
          placeholder="Id of the cache"
          autoComplete="off"
          spellCheck={false}
          value={cache}
          onChange={({ target }) => setCache(target.value)}
        />
        <input
          aria-label="Key of the entry"
          placeholder="Key of the entry"
          autoComplete="off"
          spellCheck={false}
          value={key}
          onChange={({ target }) => setKey(target.value)}
        />
        <button type="submit" className="button" disabled={cache.trim() === "" || key.trim() === ""}>
          Look up<span className="visually-hidden"> the entry</span>
        </button>
        <button
          type="button"
          className="button danger-line"
          disabled={cache.trim() === ""}
          onClick={() => setInvalidating(true)}
        >
          Invalidate
        </button>
      </form>
      {entry && <Entry key={changes} id={entry} />}
      {isInvalidating && (
        <OperationSheet
          operation="cache.invalidate"
          title={`Invalidate ${cache.trim()}`}
          lead="Drops every entry that has one of the tags; without tags, the whole cache. Your servers load the values again."
          of={{ cache: cache.trim() }}
          action="Invalidate"
          done={`Invalidated ${cache.trim()}`}
          onDone={() => setChanges((count) => count + 1)}
          onClose={() => setInvalidating(false)}
        />
      )}
    </Panel>
  );
}

interface EntryProps {
  id: { cache: string; key: string };
}

function Entry({ id }: EntryProps) {
  const { cache, key } = id;
  const { data, error, isLoading, reload } = useRead("cache.get", id);
  const [isStoring, setStoring] = useState(false);
  const [ask, dialog] = useConfirm();
  const isMissing = error?.code === "not_found";
  const remove = () =>
    ask({
      title: `Delete the entry ${key}?`,
      text: <p>This deletes 1 entry of {cache}. A server that needs it loads the value again.</p>,
      action: "Delete the entry",
      operation: "cache.delete",
      input: id,
      done: `Deleted ${key}`,
      onDone: reload,
    });
  return (
    <>
      {dialog}
      {error && !isMissing && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows rows={2} />}
      {isMissing && <Empty title="No such entry.">It was never stored, or it expired or was dropped.</Empty>}
      {data && (
        <>
          <p className="panel-text">Kept for {duration(data.expiresInMs)} more.</p>
          <Code text={JSON.stringify(data.value, null, 2)} label={`The value of ${key}`} />
        </>
      )}
      {(data || isMissing) && (
        <div className="form-actions">
          <button type="button" className="button" onClick={() => setStoring(true)}>
            {isMissing ? "Store a value" : "Replace the value"}
          </button>
          {data && (
            <button type="button" className="button danger-line" onClick={remove}>
              Delete the entry
            </button>
          )}
        </div>
      )}
      {isStoring && (
        <OperationSheet
          operation="cache.put"
          title={`The value of ${key}`}
          lead={`Stored in ${cache}. The tags are those that you name here.`}
          of={id}
          value={data ? { value: data.value, ttlMs: data.expiresInMs } : {}}
          without={["token"]}
          action="Store"
          done={`Stored ${key}`}
          onDone={reload}
          onClose={() => setStoring(false)}
        />
      )}
    </>
  );
}
