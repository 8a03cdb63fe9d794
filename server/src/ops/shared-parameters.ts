type Parameter = { readonly name: string; readonly in: string } | { readonly $ref: string };
type Endpoint = { parameters?: Parameter[] };

/**
 * Puts a reference in place of each parameter that two or more operations describe in the same words.
 * @returns the parameters for `components.parameters`. If different parameters have the same name, such as `cursor`, the most
 * common one becomes `Cursor`, and the next one `Cursor2`.
 */
export function shareParameters(endpoints: readonly Endpoint[]): Record<string, Parameter> {
  const uses = new Map<string, { parameter: Parameter; count: number }>();
  for (const parameter of endpoints.flatMap(({ parameters = [] }) => parameters)) {
    const text = JSON.stringify(parameter);
    uses.set(text, { parameter, count: (uses.get(text)?.count ?? 0) + 1 });
  }

  const shared: Record<string, Parameter> = {};
  const references = new Map<string, Parameter>();
  const byUse = [...uses].sort(([, one], [, other]) => other.count - one.count);
  for (const [text, { parameter, count }] of byUse) {
    if (count < 2 || "$ref" in parameter) continue;
    const base = componentName(parameter.name);
    let name = base;
    for (let number = 2; shared[name] !== undefined; number += 1) name = `${base}${number}`;
    shared[name] = parameter;
    references.set(text, { $ref: `#/components/parameters/${name}` });
  }

  for (const endpoint of endpoints) {
    if (endpoint.parameters === undefined) continue;
    endpoint.parameters = endpoint.parameters.map(
      (parameter) => references.get(JSON.stringify(parameter)) ?? parameter,
    );
  }
  return shared;
}

/** `Last-Event-ID` as `LastEventID`, `board` as `Board`. */
function componentName(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
