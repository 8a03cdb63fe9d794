/** A function at the top level of a script. */
interface ScriptFunction {
  name: string;
  lua: string;
  /** Marked by `--- @lazy`, because few runs call it. */
  isLazy: boolean;
  /** The words of `lua`, among them the names of the functions that it calls. */
  words: ReadonlySet<string>;
}

/** Finds functions as StyLua formats them: on one line, or up to the next `end` without indentation. */
const FUNCTION = /^(--- @lazy\n)?(local function (\w+)\((?:.* end$|[\s\S]*?^end$))/gm;
const COMMENT_LINE = /^\s*--.*$/gm;

/**
 * Redis creates the functions of a script anew in each run, and to create a function takes as long as a fast command.
 * So the functions that the script does not use are removed. Functions marked by `--- @lazy`, and functions that only
 * these use, are created together when a run first calls a marked function.
 */
export function arrangeFunctions(lua: string): string {
  const functions = [...lua.matchAll(FUNCTION)].map(([, mark, text, name]): ScriptFunction => {
    return { name: name!, lua: text!, isLazy: mark !== undefined, words: wordsOf(text!) };
  });
  const body = wordsOf(lua.replace(FUNCTION, ""));
  const used = reached(functions, body);
  const common = reached(
    functions.filter(({ isLazy }) => !isLazy),
    body,
  );
  const lazy = functions.filter((one) => used.has(one) && !common.has(one));
  const called = lazy.filter(
    ({ name }) => body.has(name) || [...common].some(({ words }) => words.has(name)),
  );
  const byName = new Map(functions.map((one) => [one.name, one]));
  let arranged = lua.replace(FUNCTION, (_text, _mark, text: string, name: string) => {
    const one = byName.get(name)!;
    if (common.has(one)) return text;
    return one === lazy.at(-1) ? PLACE : "";
  });
  for (const { name } of called) {
    arranged = arranged.replaceAll(new RegExp(`(?<![\\w.:])${name}(?=\\()`, "g"), `lazy_functions().${name}`);
  }
  return lazy.length === 0
    ? arranged
    : `local lazy_functions\n${arranged.replace(PLACE, () => groupOf(lazy, called))}`;
}

/** A placeholder for the lazy functions, until the calls to them in the rest of the script are rewritten. */
const PLACE = "\0";

function groupOf(lazy: ScriptFunction[], called: ScriptFunction[]): string {
  return [
    "local made_functions",
    "lazy_functions = function()",
    "if made_functions then return made_functions end",
    ...lazy.map(({ lua }) => lua),
    `made_functions = { ${called.map(({ name }) => `${name} = ${name}`).join(", ")} }`,
    "return made_functions",
    "end",
  ].join("\n");
}

function wordsOf(lua: string): Set<string> {
  return new Set(lua.replace(COMMENT_LINE, "").match(/\w+/g));
}

/** The functions that a text names, directly or through other functions. */
function reached(functions: ScriptFunction[], words: ReadonlySet<string>): Set<ScriptFunction> {
  const found = new Set<ScriptFunction>();
  const follow = (named: ReadonlySet<string>) => {
    for (const one of functions) {
      if (found.has(one) || !named.has(one.name)) continue;
      found.add(one);
      follow(one.words);
    }
  };
  follow(words);
  return found;
}
