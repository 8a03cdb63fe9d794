import { join } from "node:path";
import ts from "typescript";
import { Failure } from "./failure.mjs";
import { filesUnder } from "./files.mjs";
import { root } from "./repo.mjs";

/**
 * The contract as plain TypeScript declarations. `shared/` infers its types from zod schemas; the declarations here
 * spell them out, with their comments, so that an app that uses the SDK needs no zod.
 *
 * @returns {string} the text of one module. It has the inputs and outputs of all operations. It also has the types, functions
 *   and classes of `shared/`, except those that refer to zod
 */
export function contractTypes() {
  const folder = join(root, "shared/src");
  const files = filesUnder(folder)
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => join(folder, path));
  const { config } = ts.readConfigFile(join(root, "shared/tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, "shared"));
  const program = ts.createProgram(files, options);
  return new Printer(program, files).module();
}

const noTruncation = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/**
 * Types of the source that are derived from zod schemas. The module leaves them out; `Printer.#operations` writes plain
 * types of the same names for those that the SDK needs.
 */
const replaced = new Set([
  "Contract",
  "OperationName",
  "InputOf",
  "OutputOf",
  "ParsedInputOf",
  "RestOperationName",
]);

class Printer {
  #checker;
  #exports = new Map();
  /** The names of exported types. The key is the full text of the type, as `#spell` writes it. */
  #names = new Map();

  constructor(program, files) {
    this.#checker = program.getTypeChecker();
    for (const file of files) {
      const module = this.#checker.getSymbolAtLocation(program.getSourceFile(file));
      for (const symbol of module ? this.#checker.getExportsOfModule(module) : []) {
        if (symbol.flags & ts.SymbolFlags.Alias) continue;
        if (this.#exports.has(symbol.name) && !this.#isValue(symbol)) {
          throw new Failure(`Two types of shared/ have the name ${symbol.name}`);
        }
        this.#exports.set(symbol.name, symbol);
      }
    }
  }

  module() {
    // Short types come first, so that longer types are written with the names of the types that they contain.
    const types = [...this.#exports.values()]
      .filter((symbol) => this.#isPlainType(symbol))
      .map((symbol) => ({ symbol, type: this.#checker.getDeclaredTypeOfSymbol(symbol) }))
      .map((entry) => ({ ...entry, spelt: this.#spell(entry.type, entry.symbol.name) }))
      .sort((one, other) => one.spelt.length - other.spelt.length);
    for (const { symbol, type } of types) {
      const spelt = this.#spell(type, symbol.name);
      // Small types may be equal by chance. A name from an unrelated schema would be misleading.
      const isDistinct = spelt.startsWith("{") && type.getProperties().length >= 3;
      if (isDistinct && !this.#names.has(spelt)) this.#names.set(spelt, symbol.name);
    }
    const declarations = types.map(({ symbol, type }) => this.#declaration(symbol, type));
    return [...declarations, ...this.#values(), this.#operations()].join("\n\n");
  }

  #declaration(symbol, type) {
    return `${this.#comment(symbol, "")}export type ${symbol.name} = ${this.#print(type, "", symbol.name)};`;
  }

  /** The declarations of the functions and classes that the SDK exports unchanged. */
  #values() {
    return [...this.#exports.values()].flatMap((symbol) => {
      const [declaration] = symbol.declarations;
      if (ts.isClassDeclaration(declaration)) return [this.#class(symbol)];
      if (!ts.isFunctionDeclaration(declaration)) return [];
      const type = this.#checker.getTypeOfSymbol(symbol);
      const [signature] = type.getCallSignatures();
      if (signature.typeParameters || /\bz\.|Zod|Operation\b|Contract\b/.test(this.#text(type))) return [];
      const text = this.#checker.signatureToString(signature, undefined, noTruncation);
      return [`${this.#comment(symbol, "")}export declare function ${symbol.name}${text};`];
    });
  }

  /** The declaration of a class: its constructor, fields and methods, also the static ones. */
  #class(symbol) {
    const statics = this.#checker.getTypeOfSymbol(symbol);
    const [created] = statics.getConstructSignatures();
    const [declaration] = symbol.declarations;
    const base = declaration.heritageClauses?.[0]?.types[0]?.expression.getText();
    const members = declaration.members
      .filter((member) => ts.isPropertyDeclaration(member) || ts.isMethodDeclaration(member))
      .map((member) => {
        const own = this.#checker.getSymbolAtLocation(member.name);
        const isStatic = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static;
        const type = this.#checker.getTypeOfSymbol(own);
        const text = ts.isMethodDeclaration(member)
          ? `${own.name}${this.#checker.signatureToString(type.getCallSignatures()[0], undefined, noTruncation)}`
          : `readonly ${own.name}: ${this.#print(type, "  ")}`;
        return `${this.#comment(own, "  ")}  ${isStatic ? "static " : ""}${text};`;
      });
    const parameters = this.#checker
      .signatureToString(created, undefined, noTruncation)
      .replace(/\): \w+$/, ")");
    const extending = base ? ` extends ${base}` : "";
    return `${this.#comment(symbol, "")}export declare class ${symbol.name}${extending} {\n${[...members, `  constructor${parameters};`].join("\n")}\n}`;
  }

  /** The declarations of the operations, and of the types that are derived from them. */
  #operations() {
    const contract = this.#checker.getTypeOfSymbol(this.#exports.get("contract"));
    const names = contract.getProperties();
    const entries = names.map((symbol) => {
      const operation = this.#checker.getTypeOfSymbol(symbol);
      const summary = this.#checker.getTypeOfSymbol(operation.getProperty("summary")).value;
      const isWrite = this.#text(this.#property(operation, "isWrite")) === "true";
      const hasRoute = this.#text(this.#property(operation, "rest")) !== "null";
      const input = this.#print(this.#schema(operation, "input", "input"), "    ");
      const output = this.#print(this.#schema(operation, "output", "output"), "    ");
      const lines = [
        summary && `  /** ${summary}. */`,
        `  "${symbol.name}": {`,
        `    input: ${isWrite ? `${input} & { idempotencyKey?: string | undefined }` : input};`,
        `    output: ${output};`,
        `    isRest: ${hasRoute};`,
        "  };",
      ];
      return lines.filter(Boolean).join("\n");
    });
    return `/** The input and the output of every operation. */
export interface Operations {
${entries.join("\n")}
}

export type OperationName = keyof Operations;
/** What a caller may send: defaults may be left out. */
export type InputOf<N extends OperationName> = Operations[N]["input"];
export type OutputOf<N extends OperationName> = Operations[N]["output"];
/** The operations that have a REST route. */
export type RestOperationName = {
  [N in OperationName]: Operations[N]["isRest"] extends true ? N : never;
}[OperationName];
`;
  }

  #schema(operation, field, side) {
    return this.#property(this.#property(this.#property(operation, field), "_zod"), side);
  }

  #property(type, name) {
    return this.#checker.getTypeOfSymbol(type.getProperty(name));
  }

  #isValue(symbol) {
    return (symbol.flags & ts.SymbolFlags.Type) === 0;
  }

  #isPlainType(symbol) {
    const [declaration] = symbol.declarations;
    if (replaced.has(symbol.name) || declaration.typeParameters) return false;
    const isType = ts.isTypeAliasDeclaration(declaration) || ts.isInterfaceDeclaration(declaration);
    return isType && !/\bZod|\bz\.core/.test(this.#deepText(symbol));
  }

  /**
   * The text of a type and its fields. `#isPlainType` looks for zod in it, to leave out the types of schemas.
   */
  #deepText(symbol) {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    return [type, ...type.getProperties().map((property) => this.#checker.getTypeOfSymbol(property))]
      .map((part) => this.#text(part))
      .join("\n");
  }

  /**
   * Spells a type out on one line. A type that the code in `shared/` mentions by name keeps this name. All other types are
   * spelt out, even if `#names` has a name for them.
   */
  #spell(type, ownName) {
    return this.#print(type, "", ownName, false).replaceAll(/\s+/g, " ");
  }

  #print(type, indent, ownName, hasNames = true) {
    const declared = this.#declaredName(type);
    if (declared && declared !== ownName) return declared;
    const named = hasNames && type.flags & ts.TypeFlags.Object && this.#names.get(this.#spell(type, ownName));
    if (named && named !== ownName) return named;
    if (type.isUnion()) return this.#union(type, indent, hasNames);
    if (this.#checker.isTupleType(type)) {
      const items = this.#checker.getTypeArguments(type);
      return `[${items.map((item) => this.#print(item, indent, undefined, hasNames)).join(", ")}]`;
    }
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type);
      const text = this.#print(item, indent, undefined, hasNames);
      const isOneWord = !item.isUnion() || /^\w+$/.test(text);
      return isOneWord ? `${text}[]` : `(${text})[]`;
    }
    const isObject = type.flags & ts.TypeFlags.Object && type.getCallSignatures().length === 0;
    if (isObject || type.isIntersection()) return this.#object(type, indent, hasNames);
    const text = this.#text(type);
    if (text === "any") throw new Failure("A type of the contract can't be spelt out");
    return text;
  }

  #declaredName(type) {
    const alias = type.aliasSymbol;
    if (alias && !type.aliasTypeArguments && this.#exports.get(alias.name) === alias) return alias.name;
    const { symbol } = type;
    const isExported = symbol && this.#exports.get(symbol.name) === symbol;
    return isExported && !this.#isValue(symbol) ? symbol.name : undefined;
  }

  /** Writes `null` and `undefined` last, and `true | false` as `boolean`. */
  #union(type, indent, hasNames) {
    const parts = type.types.map((part) => this.#print(part, indent, undefined, hasNames));
    const isBoolean = parts.includes("true") && parts.includes("false");
    const others = parts.filter((part) => !isBoolean || (part !== "true" && part !== "false"));
    const empty = ["null", "undefined"].filter((part) => others.includes(part));
    const rest = others.filter((part) => !empty.includes(part));
    return [...new Set([...rest, ...(isBoolean ? ["boolean"] : []), ...empty])].join(" | ");
  }

  #object(type, indent, hasNames) {
    const inner = `${indent}  `;
    const indexes = this.#checker.getIndexInfosOfType(type).map(({ keyType, type: value }) => {
      const text = this.#print(value, inner, undefined, hasNames);
      return `${inner}[key: ${this.#text(keyType)}]: ${text};`;
    });
    const properties = type.getProperties().map((property) => {
      const isOptional = property.flags & ts.SymbolFlags.Optional;
      const value = this.#print(this.#checker.getTypeOfSymbol(property), inner, undefined, hasNames);
      const name = /^[A-Za-z_]\w*$/.test(property.name) ? property.name : JSON.stringify(property.name);
      return `${this.#comment(property, inner)}${inner}${name}${isOptional ? "?" : ""}: ${value};`;
    });
    const lines = [...indexes, ...properties];
    return lines.length === 0 ? "Record<string, never>" : `{\n${lines.join("\n")}\n${indent}}`;
  }

  #comment(symbol, indent) {
    const origin = symbol.links?.syntheticOrigin ?? symbol;
    const own = symbol.getDocumentationComment(this.#checker);
    const text = ts.displayPartsToString(
      own.length > 0 ? own : origin.getDocumentationComment(this.#checker),
    );
    if (text === "") return "";
    const lines = text.split("\n");
    if (lines.length === 1) return `${indent}/** ${text} */\n`;
    return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
  }

  #text(type) {
    return this.#checker.typeToString(type, undefined, noTruncation);
  }
}
