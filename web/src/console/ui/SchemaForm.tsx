import type { GrandstandError } from "@grandstand/sdk";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { Documents, Schema } from "../api/documents.js";
import { ErrorNote } from "./ErrorNote.js";
import { SchemaInput } from "./SchemaInput.js";
import { type FieldText, fieldKind, readField, textOf } from "./schema-field.js";

interface SchemaFormProps {
  documents: Documents;
  schema: Schema;
  /** The initial values of the fields. */
  value: Record<string, unknown>;
  /** Fields that the form does not show, such as the id of the board whose rules it changes. */
  without?: readonly string[];
  action: string;
  isRunning: boolean;
  error: GrandstandError | null;
  onSubmit: (value: Record<string, unknown>) => void;
  children?: ReactNode;
}

/** A form with all fields of an input, made from its schema. The server's message about a field is shown at the field. */
export function SchemaForm({
  documents,
  schema,
  value,
  without = [],
  action,
  isRunning,
  error,
  onSubmit,
  children,
}: SchemaFormProps) {
  const formId = useId();
  const fields = Object.entries(documents.resolve(schema).properties ?? {})
    .filter(([name]) => !without.includes(name))
    .map(([name, field]) => ({ name, field: resolved(documents, field) }));
  const required = documents.resolve(schema).required ?? [];
  const [texts, setTexts] = useState<Record<string, FieldText>>(() =>
    Object.fromEntries(fields.map(({ name, field }) => [name, textOf(field, value[name])])),
  );
  const [unreadable, setUnreadable] = useState<Record<string, string>>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read: Record<string, unknown> = {};
    const wrong: Record<string, string> = {};
    for (const { name, field } of fields) {
      const result = readField(field, texts[name]!);
      // A list that the user has emptied is sent as `[]`. A list that was empty before is left out.
      if (texts[name]!.length === 0 && hasItems(value[name])) result.value = [];
      if (result.error !== undefined) wrong[name] = result.error;
      else if (result.value !== undefined) read[name] = result.value;
    }
    setUnreadable(wrong);
    if (Object.keys(wrong).length === 0) onSubmit(read);
  };

  const messages = {
    ...messagesOf(
      error,
      fields.map(({ name }) => name),
    ),
    ...unreadable,
  };
  const isAtFields = Object.keys(messages).length > 0;
  return (
    <form className="schema-form" onSubmit={submit} noValidate>
      {fields.map(({ name, field }) => (
        <SchemaInput
          key={name}
          id={`${formId}-${name}`}
          name={name}
          field={field}
          kind={fieldKind(field)}
          isRequired={required.includes(name)}
          text={texts[name]!}
          error={messages[name]}
          onChange={(text) => setTexts((before) => ({ ...before, [name]: text }))}
        />
      ))}
      {error && !isAtFields && <ErrorNote error={error} />}
      <div className="form-actions">
        <button type="submit" className="button primary" disabled={isRunning}>
          {isRunning ? "Working…" : action}
        </button>
        {children}
      </div>
    </form>
  );
}

function hasItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function resolved(documents: Documents, field: Schema): Schema {
  const own = documents.resolve(field);
  return {
    ...own,
    ...(own.items && { items: resolved(documents, own.items) }),
    ...alternatives(documents, own),
  };
}

function alternatives(documents: Documents, { anyOf, oneOf }: Schema): Schema {
  const all = anyOf ?? oneOf;
  return all === undefined ? {} : { anyOf: all.map((one) => resolved(documents, one)) };
}

/** The server's messages: for each field with an issue, the first message about it. */
function messagesOf(error: GrandstandError | null, names: readonly string[]): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const { path, message } of error?.issues ?? []) {
    const [name = "", ...rest] = path.split(".");
    if (names.includes(name)) messages[name] ??= rest.length > 0 ? `${rest.join(".")} ${message}` : message;
  }
  return messages;
}
