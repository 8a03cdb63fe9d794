import { type FormEvent, useState } from "react";
import { Panel } from "../../../shell/Panel.js";
import { useRead } from "../../api/useRead.js";
import { Code } from "../../ui/Copy.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { duration } from "../../ui/format.js";
import { OperationSheet } from "../../ui/OperationSheet.js";
import { LoadingRows } from "../../ui/States.js";

/** Finds a lock, and shows whether it is held. */
export function LockPanel() {
  const [text, setText] = useState("");
  const [lock, setLock] = useState<string | null>(null);
  const open = (event: FormEvent) => {
    event.preventDefault();
    setLock(text.trim());
  };
  return (
    <Panel title="Lock">
      <form className="inline-form" onSubmit={open}>
        <input
          aria-label="Id of the lock"
          placeholder="Id of the lock"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit" className="button" disabled={text.trim() === ""}>
          Look up<span className="visually-hidden"> the lock</span>
        </button>
      </form>
      {lock !== null && <Lock key={lock} lock={lock} />}
    </Panel>
  );
}

const EVERY_MS = 2_000;
const HELD_MS = 60_000;

function Lock({ lock }: { lock: string }) {
  const { data, error, isLoading, reload } = useRead("lock.get", { lock }, EVERY_MS);
  const [open, setOpen] = useState<"acquire" | "renew" | "release" | null>(null);
  /** The token with which this page holds the lock. */
  const [token, setToken] = useState<string | null>(null);
  const sheet = {
    of: { lock },
    onDone: reload,
    onClose: () => setOpen(null),
  };
  const own = token === null ? {} : { token };
  return (
    <>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows rows={2} />}
      {data && (
        <dl className="facts">
          <div>
            <dt>{lock}</dt>
            <dd>
              <span className={data.held ? "tag is-warn" : "tag is-live"}>{data.held ? "held" : "free"}</span>
            </dd>
          </div>
          {data.held && (
            <>
              <div>
                <dt>Ends in, unless renewed</dt>
                <dd className="figures">{duration(data.remainingMs)}</dd>
              </div>
              <div>
                <dt>Fencing number of its owner</dt>
                <dd className="figures">{data.fence ?? "none"}</dd>
              </div>
            </>
          )}
        </dl>
      )}
      <div className="form-actions">
        <button
          type="button"
          className="button"
          disabled={data?.held !== false}
          onClick={() => setOpen("acquire")}
        >
          Hold the lock
        </button>
        <button type="button" className="button" disabled={!data?.held} onClick={() => setOpen("renew")}>
          Renew
        </button>
        <button
          type="button"
          className="button danger-line"
          disabled={!data?.held}
          onClick={() => setOpen("release")}
        >
          Release
        </button>
      </div>
      {open === "acquire" && (
        <OperationSheet
          {...sheet}
          operation="lock.acquire"
          title={`Hold ${lock}`}
          lead="While you hold it, no server of your app gets it. It ends by itself after this time."
          value={{ ttlMs: HELD_MS }}
          action="Hold the lock"
          done="Asked for the lock"
          onDone={(output) => {
            if (output.token !== null) setToken(output.token);
            reload();
          }}
          result={(output) =>
            output.token === null ? (
              <p>Somebody else got it first, and holds it for {duration(output.remainingMs)}.</p>
            ) : (
              <>
                <p className="sheet-lead">
                  You hold it for {duration(output.remainingMs)}. Its token renews and releases it: this page
                  keeps it until you leave. Copy it to release the lock later.
                </p>
                <Code text={output.token} label="The token" />
              </>
            )
          }
        />
      )}
      {open === "renew" && (
        <OperationSheet
          {...sheet}
          operation="lock.renew"
          title={`Renew ${lock}`}
          lead={TOKEN_NEEDED}
          value={{ ...own, ttlMs: HELD_MS }}
          action="Renew the lock"
          done={`Renewed ${lock}`}
        />
      )}
      {open === "release" && (
        <OperationSheet
          {...sheet}
          operation="lock.release"
          title={`Release ${lock}`}
          lead={TOKEN_NEEDED}
          value={own}
          action="Release the lock"
          done="Asked to release the lock"
          result={({ released }) => (
            <p role="status">
              {released ? "The lock is free." : "The token does not hold this lock, or not any more."}
            </p>
          )}
        />
      )}
    </>
  );
}

const TOKEN_NEEDED =
  "This needs the token that lock.acquire returned to the owner; no other operation returns it. A lock whose owner died ends by itself.";
