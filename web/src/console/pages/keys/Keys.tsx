import { useState } from "react";
import type { Operator } from "../../api/sign-in.js";
import { useRead } from "../../api/useRead.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { NewKey } from "./NewKey.js";

export function Keys({ operator }: { operator: Operator }) {
  const { data, error, isLoading, reload } = useRead("key.list", {});
  const [isMaking, setMaking] = useState(false);
  const [ask, dialog] = useConfirm();
  const revoke = (key: string, name: string) =>
    ask({
      title: `Revoke the key ${name}?`,
      text: (
        <p>
          Servers that use it are refused at once, and their connections close.
          {name === operator.key && " You may be signed in with it: then your sign-in ends too."}
        </p>
      ),
      action: "Revoke the key",
      operation: "key.revoke",
      input: { key },
      done: `Revoked ${name}`,
      onDone: reload,
    });
  return (
    <>
      <PageHead
        title="API keys"
        lead="Keys that were created here or with key.create. Keys of the settings are not listed."
      >
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          New key
        </button>
      </PageHead>
      {dialog}
      {isMaking && <NewKey onCreated={reload} onClose={() => setMaking(false)} />}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {data?.keys.length === 0 && (
        <Empty title="No key was created yet.">
          Create one for each server, with the scopes that it needs.
        </Empty>
      )}
      <ul className="rows">
        {data?.keys.map(({ id, name, scopes, createdAt, expiresAt }) => (
          <li key={id}>
            <div className="row key-row">
              <span className="row-name">{name}</span>
              <span className="row-tags">
                {scopes.map((scope) => (
                  <span key={scope} className="tag mono">
                    {scope}
                  </span>
                ))}
              </span>
              <span className="row-fact">
                created <Ago at={createdAt} />
              </span>
              <span className="row-fact">
                {expiresAt === null ? (
                  "no end"
                ) : (
                  <>
                    ends <Ago at={expiresAt} />
                  </>
                )}
              </span>
              <span className="row-end">
                <button type="button" className="button small danger-line" onClick={() => revoke(id, name)}>
                  Revoke<span className="visually-hidden"> {name}</span>
                </button>
              </span>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
