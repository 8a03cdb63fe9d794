import type { Entry } from "@grandstand/sdk";
import { hrefOf } from "../../router.js";
import { Ago } from "../../ui/Ago.js";
import { whole } from "../../ui/format.js";

/** What an operator can do to an entry. */
export interface EntryActions {
  onEdit: (entry: Entry) => void;
  onHide: (entry: Entry) => void;
  onRemove: (entry: Entry) => void;
}

interface EntryRowProps extends EntryActions {
  entry: Entry;
  /** The number of the row in the table, the head included. */
  rowIndex: number;
}

export function EntryRow({ entry, rowIndex, onEdit, onHide, onRemove }: EntryRowProps) {
  return (
    <tr aria-rowindex={rowIndex}>
      <td className={`number figures rank-${entry.rank}`}>{entry.rank}</td>
      <td className="cell-main">
        <a href={hrefOf("users", entry.member)}>{entry.profile?.name ?? entry.member}</a>
        {entry.profile && entry.profile.name !== entry.member && (
          <span className="cell-note mono">{entry.member}</span>
        )}
      </td>
      <td className="number figures score">
        {whole(entry.score)}
        {entry.subscore !== 0 && <span className="cell-note">{whole(entry.subscore)}</span>}
      </td>
      <td className="wide-only mono cell-json">{entry.metadata && JSON.stringify(entry.metadata)}</td>
      <td className="wide-only">
        <Ago at={entry.reachedAt} />
      </td>
      <td className="cell-actions">
        <button type="button" className="button small" onClick={() => onEdit(entry)}>
          Edit<span className="visually-hidden"> {entry.member}</span>
        </button>
        <button type="button" className="button small" onClick={() => onHide(entry)}>
          Hide<span className="visually-hidden"> {entry.member}</span>
        </button>
        <button type="button" className="button small danger-line" onClick={() => onRemove(entry)}>
          Remove<span className="visually-hidden"> {entry.member}</span>
        </button>
      </td>
    </tr>
  );
}
