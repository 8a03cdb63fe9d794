/** A JSON schema, as the AsyncAPI document contains it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: readonly (string | number | boolean)[];
  const?: unknown;
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  additionalProperties?: boolean | Schema;
}

/** One operation as the console shows it. */
export interface OperationDocument {
  name: string;
  domain: string;
  summary: string;
  /** Who may call the operation, and with which scope. */
  access: string | null;
  input: Schema;
  output: Schema;
  example: Record<string, unknown>;
  /** Null for an operation that needs a live connection. */
  rest: { method: string; path: string } | null;
}

export interface Documents {
  operations: readonly OperationDocument[];
  operation(name: string): OperationDocument;
  /** Follows a `$ref` to its schema. Fields beside the `$ref`, such as a description, replace those of that schema. */
  resolve(schema: Schema): Schema;
}

let documents: Promise<Documents> | null = null;

/** The contract, from the documents that every node serves. They are read once; after a failure the next call tries again. */
export function readDocuments(): Promise<Documents> {
  documents ??= read().catch((error: unknown) => {
    documents = null;
    throw error;
  });
  return documents;
}

interface AsyncApi {
  channels: { socket: { messages: Record<string, Message> } };
  operations: Record<string, { description?: string }>;
  components: { schemas: Record<string, Schema> };
}

interface Message {
  summary: string;
  payload: Schema;
  examples?: { payload: { data: Record<string, unknown> } }[];
}

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string }>>;
}

async function read(): Promise<Documents> {
  const [asyncApi, openApi] = await Promise.all([
    json<AsyncApi>("/asyncapi.json"),
    json<OpenApi>("/openapi.json"),
  ]);
  const endpoints = new Map(
    Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [
        operationId,
        { method: method.toUpperCase(), path },
      ]),
    ),
  );
  const { messages } = asyncApi.channels.socket;
  const operations = Object.entries(messages).flatMap(([name, message]) => {
    const reply = messages[`${name}.reply`];
    if (reply === undefined) return [];
    return [
      {
        name,
        domain: name.slice(0, name.indexOf(".")),
        summary: message.summary.replace(/^Request: /, ""),
        access: asyncApi.operations[name]?.description ?? null,
        input: message.payload.properties?.data ?? {},
        output: reply.payload.properties?.data ?? {},
        example: message.examples?.[0]?.payload.data ?? {},
        rest: endpoints.get(name) ?? null,
      },
    ];
  });
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const { schemas } = asyncApi.components;
  const resolve = ({ $ref, ...own }: Schema): Schema => {
    if ($ref === undefined) return own;
    const target = schemas[$ref.slice($ref.lastIndexOf("/") + 1)] ?? {};
    return { ...resolve(target), ...own };
  };
  return {
    operations,
    operation(name) {
      const found = byName.get(name);
      if (found === undefined) throw new Error(`The contract has no operation ${name}`);
      return found;
    },
    resolve,
  };
}

async function json<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} could not be read`);
  return (await response.json()) as T;
}
