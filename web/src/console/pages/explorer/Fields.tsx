import type { Documents, Schema } from "../../api/documents.js";

/** The fields of an object with what the contract says about each. */
export function Fields({ documents, schema }: { documents: Documents; schema: Schema }) {
  const { properties = {}, required = [] } = documents.resolve(schema);
  const names = Object.keys(properties).sort(
    (one, other) => Number(required.includes(other)) - Number(required.includes(one)),
  );
  if (names.length === 0) return <p className="bar-note">It has no fields.</p>;
  return (
    <dl className="schema-fields">
      {names.map((name) => {
        const field = documents.resolve(properties[name]!);
        return (
          <div key={name}>
            <dt>
              <span className="mono">{name}</span>
              <span className="field-type">{typeOf(documents, field)}</span>
              {required.includes(name) && <span className="field-required">required</span>}
            </dt>
            <dd>
              {field.description?.replaceAll("`", "")}
              {field.default !== undefined && ` Default: ${JSON.stringify(field.default)}.`}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function typeOf(documents: Documents, schema: Schema): string {
  const field = documents.resolve(schema);
  if (field.const !== undefined) return JSON.stringify(field.const);
  if (field.enum) return field.enum.map(String).join(" | ");
  const all = field.anyOf ?? field.oneOf;
  if (all) return [...new Set(all.map((one) => typeOf(documents, one)))].join(" | ");
  if (field.type === "array") return `${field.items ? typeOf(documents, field.items) : "any"}[]`;
  return [field.type ?? "any"].flat().join(" | ");
}
