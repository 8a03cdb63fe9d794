import type { Schema } from "../api/documents.js";
import { choicesOf, type FieldKind, type FieldText } from "./schema-field.js";

interface SchemaInputProps {
  id: string;
  name: string;
  field: Schema;
  kind: FieldKind;
  isRequired: boolean;
  text: FieldText;
  error: string | undefined;
  onChange: (text: FieldText) => void;
}

/** One field with its name, its description, and the error that the server found in it. */
export function SchemaInput(props: SchemaInputProps) {
  const { id, name, field, kind, isRequired, error } = props;
  const isGroup = kind === "choices";
  const label = (
    <>
      {words(name)}
      {isRequired && <span className="field-required"> required</span>}
    </>
  );
  const hints = (
    <>
      {field.description && (
        <span className="field-hint" id={`${id}-hint`}>
          {plain(field.description)}
        </span>
      )}
      {error !== undefined && (
        <span className="field-error" id={`${id}-error`} role="alert">
          {words(name)} {error}
        </span>
      )}
    </>
  );
  if (isGroup) {
    return (
      <fieldset className="field" aria-describedby={descriptionOf(props)}>
        <legend className="field-label">{label}</legend>
        <Choices {...props} />
        {hints}
      </fieldset>
    );
  }
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <Control {...props} />
      {hints}
    </div>
  );
}

/** The ids of the elements that describe a field, for `aria-describedby`; undefined if there is none. */
function descriptionOf({
  id,
  field,
  error,
}: Pick<SchemaInputProps, "id" | "field" | "error">): string | undefined {
  const ids = [error !== undefined && `${id}-error`, field.description && `${id}-hint`];
  return ids.filter(Boolean).join(" ") || undefined;
}

function Control({ id, field, kind, text, error, onChange }: SchemaInputProps) {
  const value = typeof text === "string" ? text : "";
  const unset = field.default === undefined ? "" : String(field.default);
  const common = {
    id,
    "aria-invalid": error !== undefined,
    "aria-describedby": descriptionOf({ id, field, error }),
  };
  const choices = kind === "flag" ? ["true", "false"] : kind === "choice" ? choicesOf(field) : null;
  if (choices !== null) {
    return (
      <select {...common} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{unset === "" ? "Not set" : `${words(unset)} (default)`}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {kind === "flag" ? (choice === "true" ? "Yes" : "No") : words(choice)}
          </option>
        ))}
      </select>
    );
  }
  if (kind === "json" || kind === "lines" || isLong(field)) {
    return (
      <textarea
        {...common}
        className={isLong(field) ? "" : "mono"}
        rows={isLong(field) ? 4 : 3}
        spellCheck={false}
        value={value}
        placeholder={kind === "json" ? "JSON" : kind === "lines" ? "One a line" : ""}
        onChange={({ target }) => onChange(target.value)}
      />
    );
  }
  return (
    <input
      {...common}
      type="text"
      autoComplete="off"
      spellCheck={false}
      inputMode={kind === "number" ? "decimal" : "text"}
      value={value}
      placeholder={unset === "" ? "" : `${unset} by default`}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}

function Choices({ field, text, onChange }: SchemaInputProps) {
  const chosen = typeof text === "string" ? [] : text;
  const fixed = choicesOf(field.items!)!;
  // The schema's list may lack a chosen item. Example: a board's window that is an object with a cron expression.
  // The form has the object as JSON text. Such an item is shown and kept.
  const all = [...fixed, ...chosen.filter((item) => !fixed.includes(item))];
  const toggle = (choice: string) =>
    onChange(
      chosen.includes(choice)
        ? chosen.filter((item) => item !== choice)
        : all.filter((item) => item === choice || chosen.includes(item)),
    );
  return (
    <span className="choices">
      {all.map((choice) => (
        <label key={choice} className="chip-choice">
          <input type="checkbox" checked={chosen.includes(choice)} onChange={() => toggle(choice)} />
          <span>{/^\{|\./.test(choice) ? choice : words(choice)}</span>
        </label>
      ))}
    </span>
  );
}

function isLong({ type, maxLength = 0 }: Schema): boolean {
  return type === "string" && maxLength > 2_048;
}

/** Turns `retainSeasons` into `Retain seasons`. */
function words(name: string): string {
  const spaced = name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  const text = spaced.replace(/ ms$/, " (ms)").replace(/^url$/, "URL");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function plain(description: string): string {
  return description.replaceAll("`", "");
}
