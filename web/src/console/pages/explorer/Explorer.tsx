import { GrandstandError } from "@grandstand/sdk";
import { useState } from "react";
import { useDocuments } from "../../api/useDocuments.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { grouped } from "../../ui/group.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { EXPLORER_INPUT, Try } from "./Try.js";

/** Every operation of the contract, to read and to call. */
export default function Explorer({ name }: { name: string | null }) {
  const { documents, hasFailed } = useDocuments();
  const [text, setText] = useState("");
  if (hasFailed)
    return <ErrorNote error={new GrandstandError("unavailable", "The contract could not be read")} />;
  if (documents === null) return <LoadingRows rows={8} />;
  const wanted = text.trim().toLowerCase();
  const found = documents.operations.filter(
    ({ name: own, summary }) => own.toLowerCase().includes(wanted) || summary.toLowerCase().includes(wanted),
  );
  const domains = grouped(found, ({ domain }) => domain);
  const chosen = documents.operations.find((operation) => operation.name === name);
  return (
    <>
      <PageHead title="API explorer" lead={`${documents.operations.length} operations. Calls are real.`} />
      <div className={chosen ? "explorer has-choice" : "explorer"}>
        <nav className="explorer-list" aria-label="Operations">
          {chosen && (
            <button
              type="button"
              className="skip"
              onClick={() => document.getElementById(EXPLORER_INPUT)?.focus()}
            >
              Skip to the input
            </button>
          )}
          <input
            type="search"
            aria-label="Find an operation"
            placeholder="Find an operation"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          {found.length === 0 && <p className="bar-note">No operation has this in its name or summary.</p>}
          {domains.map(([domain, operations]) => (
            <section key={domain} aria-label={domain}>
              <h2>{domain}</h2>
              <ul>
                {operations.map((operation) => (
                  <li key={operation.name}>
                    <a
                      href={hrefOf("explorer", operation.name)}
                      aria-current={operation.name === name ? "page" : undefined}
                    >
                      {operation.name.slice(domain.length + 1)}
                      <span className={`method is-${operation.rest?.method.toLowerCase() ?? "socket"}`}>
                        {operation.rest?.method ?? "socket"}
                      </span>
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </nav>
        {chosen ? (
          <Try key={chosen.name} documents={documents} operation={chosen} />
        ) : (
          <Empty title="Choose an operation.">
            Each has its fields, an example and the same call in your language.
          </Empty>
        )}
      </div>
    </>
  );
}
