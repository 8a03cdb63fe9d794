import type { GrandstandError, ImportReport, TransferFormat } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useState } from "react";
import { Panel } from "../../../shell/Panel.js";
import { asError } from "../../api/useRead.js";
import { Confirm } from "../../ui/Confirm.js";
import { download } from "../../ui/download.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural } from "../../ui/format.js";
import { WindowField } from "./WindowField.js";

const formats: { name: string; format: TransferFormat; type: string }[] = [
  { name: "NDJSON", format: "ndjson", type: "application/x-ndjson" },
  { name: "CSV", format: "csv", type: "text/csv" },
];

export function Transfer({ board, windows }: { board: string; windows: readonly string[] }) {
  const [window, setWindow] = useState(windows[0]!);
  return (
    <div className="two-columns">
      <WindowField windows={windows} window={window} onChange={setWindow} className="all-columns" />
      <Export board={board} window={window} />
      <Import board={board} window={window} />
    </div>
  );
}

function Export({ board, window }: { board: string; window: string }) {
  const client = useClient();
  const [lines, setLines] = useState<number | null>(null);
  const [error, setError] = useState<GrandstandError | null>(null);
  const run = async ({ format, type }: (typeof formats)[number]) => {
    setError(null);
    setLines(0);
    const parts: string[] = [];
    try {
      for await (const part of client.leaderboard(board).export({ window, format })) {
        parts.push(part);
        setLines((before) => (before ?? 0) + part.split("\n").length - 1);
      }
      download(`${board}-${window}.${format}`, parts, type);
    } catch (failure) {
      setError(asError(failure));
    }
    setLines(null);
  };
  return (
    <Panel title="Export">
      <p>All entries of the open season, best first, as a file.</p>
      {error && <ErrorNote error={error} />}
      <div className="form-actions">
        {formats.map((format) => (
          <button
            key={format.name}
            type="button"
            className="button"
            disabled={lines !== null}
            onClick={() => run(format)}
          >
            {format.name}
          </button>
        ))}
        <span role="status">{lines !== null && `Read ${plural(lines, "line")}`}</span>
      </div>
    </Panel>
  );
}

function Import({ board, window }: { board: string; window: string }) {
  const client = useClient();
  const [file, setFile] = useState<{ name: string; text: string; lines: number } | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [isRunning, setRunning] = useState(false);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [error, setError] = useState<GrandstandError | null>(null);
  const format: TransferFormat = file?.name.endsWith(".csv") ? "csv" : "ndjson";

  const choose = async (chosen: File | undefined) => {
    setReport(null);
    setError(null);
    const text = (await chosen?.text()) ?? "";
    setFile(chosen === undefined ? null : { name: chosen.name, text, lines: text.trim().split("\n").length });
  };
  const run = async () => {
    setRunning(true);
    setError(null);
    try {
      setReport(await client.leaderboard(board).import(file!.text, { window, format }));
      setAsking(false);
    } catch (failure) {
      setError(asError(failure));
    }
    setRunning(false);
  };
  return (
    <Panel title="Import">
      <p>
        Sets entries of the open season from a file in the format of an export: NDJSON, or CSV by its name.
      </p>
      <input
        type="file"
        aria-label="File to import"
        accept=".ndjson,.jsonl,.csv,text/csv"
        onChange={({ target }) => void choose(target.files?.[0])}
      />
      {report && (
        <p role="status">
          Imported {plural(report.imported, "entry")}.
          {report.refusals.length > 0 && ` ${plural(report.refusals.length, "line")} refused.`}
        </p>
      )}
      <div className="form-actions">
        <button
          type="button"
          className="button primary"
          disabled={file === null}
          onClick={() => setAsking(true)}
        >
          {file === null ? "Import" : `Import ${plural(file.lines, "line")}`}
        </button>
      </div>
      {isAsking && (
        <Confirm
          title={`Import ${file!.name}?`}
          action="Import"
          isRunning={isRunning}
          error={error}
          onConfirm={run}
          onClose={() => setAsking(false)}
        >
          <p>
            This imports {plural(file!.lines, "line")} into the window <strong>{window}</strong> of {board}.
            The current scores of their members are replaced.
          </p>
        </Confirm>
      )}
    </Panel>
  );
}
