import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import { requestFrame } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import { validate } from "@scalar/openapi-parser";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { queryOf } from "../../test/support/drivers/query.js";
import { startTestNode, type TestNode } from "../../test/support/in-process-node.js";
import { TEST_API_KEY, TEST_WEBHOOK_SECRET } from "../../test/support/names.js";
import { asyncApi } from "./asyncapi.js";
import { examples } from "./examples.js";
import { openApi } from "./openapi.js";

type Json = Record<string, unknown>;

const openApiDocument = plain(openApi("0.0.0")) as OpenApi;
const asyncApiDocument = plain(asyncApi("0.0.0")) as Json;

interface Endpoint {
  operationId: string;
  summary: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Json; example?: unknown }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Json }> }>;
}

interface Parameter {
  name?: string;
  $ref?: string;
  description?: string;
  schema?: Json;
  example?: unknown;
}

interface OpenApi {
  paths: Record<string, Record<string, Endpoint>>;
  components: {
    schemas: Record<string, Json>;
    responses: Record<string, Endpoint["responses"][string]>;
    parameters: Record<string, Parameter>;
  };
}

const endpoints = Object.entries(openApiDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, endpoint]) => ({ path, method, endpoint })),
);
/** The parameters of an operation, with references resolved. */
function parametersOf({ parameters = [] }: Endpoint): Parameter[] {
  return parameters.map(({ $ref, ...parameter }) =>
    $ref === undefined ? parameter : (at(openApiDocument, $ref) as Parameter),
  );
}

const restNames = operationNames.filter((name) => (contract[name] as Operation).rest !== null);

describe("OP1 the OpenAPI document", () => {
  it("is valid", async () => {
    const { valid, errors } = await validate(plain(openApiDocument) as Json);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it("has every operation that can be called over REST", () => {
    const documented = endpoints.map(({ endpoint }) => endpoint.operationId);
    expect(documented.toSorted()).toEqual([...restNames, "channel.events", "channels.events"].toSorted());
  });

  it("describes every parameter and every property", () => {
    for (const { endpoint } of endpoints) {
      for (const { name, description } of parametersOf(endpoint))
        expect(description, `${endpoint.operationId} ${name}`).toBeTruthy();
    }
    expect(undescribed(openApiDocument)).toEqual([]);
  });

  it("has examples that fit their schemas", () => {
    const check = validatorOf(openApiDocument);
    for (const { endpoint } of endpoints) {
      for (const { name, schema, example } of parametersOf(endpoint)) {
        if (example !== undefined) check(schema!, example, `${endpoint.operationId} ${name}`);
      }
      for (const { schema, example } of Object.values(endpoint.requestBody?.content ?? {})) {
        if (example !== undefined) check(schema, example, endpoint.operationId);
      }
    }
  });

  it("describes a parameter of several operations once", () => {
    const inline = endpoints.flatMap(({ endpoint }) =>
      (endpoint.parameters ?? []).filter(({ $ref }) => $ref === undefined),
    );
    const shared = Object.values(openApiDocument.components.parameters);
    const texts = [...inline, ...shared].map((parameter) => JSON.stringify(parameter));
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  it("T6: documents the replies to other methods (405) and to compressed bodies (415)", () => {
    for (const { path, method, endpoint } of endpoints) {
      expect(endpoint.responses, `${method} ${path}`).toHaveProperty("405");
      if (endpoint.requestBody) expect(endpoint.responses, `${method} ${path}`).toHaveProperty("415");
    }
  });

  it("has no pattern with syntax that some regular expression engines lack: `\\p{…}` and `(?…)`", () => {
    expect(JSON.stringify(openApiDocument)).not.toMatch(/\\\\p\{|\(\?/);
    expect(JSON.stringify(asyncApiDocument)).not.toMatch(/\\\\p\{|\(\?/);
  });
});

describe("OP1 the AsyncAPI document", () => {
  it("describes every property, and has no reference without a target", () => {
    expect(undescribed(asyncApiDocument)).toEqual([]);
    for (const reference of referencesIn(asyncApiDocument)) {
      expect(at(asyncApiDocument, reference), reference).toBeDefined();
    }
  });

  it.each(operationNames)("has an example of %s that fits its schema", (name) => {
    const message = at(asyncApiDocument, `#/channels/socket/messages/${name}`) as {
      payload: Json;
      examples: { payload: unknown }[];
    };
    expect(message.examples).not.toEqual([]);
    for (const { payload } of message.examples) validatorOf(asyncApiDocument)(message.payload, payload, name);
  });

  it("requires of every request what the server requires", () => {
    const { required } = at(asyncApiDocument, "#/components/schemas/RequestFrame") as { required: string[] };
    expect(required).toEqual(z.toJSONSchema(requestFrame).required);
  });

  it.each(operationNames)(
    "lets a call of %s be without `data` exactly if the operation accepts an empty input",
    (name) => {
      const { payload } = at(asyncApiDocument, `#/channels/socket/messages/${name}`) as { payload: Json };
      const isRequired = (payload.required as string[] | undefined)?.includes("data") ?? false;
      expect(isRequired).toBe(!(contract[name] as Operation).input.safeParse({}).success);
    },
  );

  it.each(operationNames)("has an example of %s that the operation accepts", (name) => {
    expect((contract[name] as Operation).input.safeParse(examples[name]).error).toBeUndefined();
  });
});

describe("T1 a running node", () => {
  let node: TestNode;
  let user: string;
  /**
   * Ids that this node created, by operation. They replace
   * the ids in the examples, which do not exist on the node.
   */
  const made: Partial<Record<OperationName, Json>> = {};

  beforeAll(async () => {
    node = await startTestNode({ GRANDSTAND_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET });
    user = (await call("session.create", TEST_API_KEY)).body.token as string;
    const { id } = (await call("session.create", TEST_API_KEY)).body;
    made["session.revoke"] = { session: id };
    await call("cache.put", TEST_API_KEY);
    await call("counter.configure", TEST_API_KEY, { counter: "visitors", kind: "unique", add: "anyone" });
  });

  afterAll(() => node.close());

  it("answers the example of every operation as the document says", async () => {
    const check = validatorOf(closed(openApiDocument));
    for (const name of inOrder(restNames)) {
      const { status, type, body } = await call(name, ofUsers.has(name) ? user : TEST_API_KEY);
      if (name === "key.create") made["key.revoke"] = { key: (body.key as Json).id };
      if (name === "admin.beginTrace") made["admin.trace"] = made["admin.endTrace"] = { trace: body.trace };
      if (name === "lock.acquire") made["lock.renew"] = made["lock.release"] = { token: body.token };
      if (name === "webhook.create") {
        const { id } = body.webhook as Json;
        for (const other of restNames.filter((rest) => endpointOf(rest).path.includes("{webhook}")))
          made[other] = { webhook: id };
      }
      expect(status, `${name}: ${JSON.stringify(body)}`).toBeLessThan(300);
      const { content } = endpointOf(name).endpoint.responses[status]!;
      expect(Object.keys(content!), name).toContain(type);
      if (type === "application/json") check(content![type]!.schema, body, name);
    }
  });

  it("answers calls that it refuses as the document says", async () => {
    const check = validatorOf(closed(openApiDocument));
    for (const name of restNames) {
      for (const token of [null, "wrong"]) {
        const { status, body } = await call(name, token, { nonsense: true });
        const { $ref } = endpointOf(name).endpoint.responses[status] ?? {};
        expect($ref, `${name}: ${status}`).toBeDefined();
        const { content } = at(openApiDocument, $ref!) as Endpoint["responses"][string];
        check(content!["application/problem+json"]!.schema, body, name);
      }
    }
  });

  it("answers generated inputs as the document says, and accepts no body that the document excludes", {
    timeout: 60_000,
  }, async () => {
    const check = validatorOf(closed(openApiDocument));
    const fits = validatorOf(openApiDocument);
    const seed = Math.floor(Math.random() * 2 ** 31);
    for (const name of restNames) {
      const { endpoint } = endpointOf(name);
      for (const input of fc.sample(changedInputs(name), { seed, numRuns: GENERATED_PER_OPERATION })) {
        const about = `${name} ${JSON.stringify(input)} seed ${seed}`;
        const { status, type, body, sent } = await call(name, TEST_API_KEY, input);
        const response = endpoint.responses[status] ?? {};
        const { content } = response.$ref
          ? (at(openApiDocument, response.$ref) as Endpoint["responses"][string])
          : response;
        expect(content, `${about}: ${status} ${JSON.stringify(body)}`).toBeDefined();
        expect(Object.keys(content!), about).toContain(type);
        if (/^application\/(problem\+)?json$/.test(type)) check(content![type]!.schema, body, about);
        if (status < 300 && endpoint.requestBody)
          fits(endpoint.requestBody.content["application/json"]!.schema, sent, `${about} was accepted`);
      }
    }
  });

  async function call(name: OperationName, token: string | null, more: Json = {}) {
    const { path, method, endpoint } = endpointOf(name);
    const input: Json = { ...(examples[name] as Json), ...made[name], ...more };
    const url = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(input[field])));
    const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!));
    const others = Object.entries(input).filter(([field]) => !inPath.has(field));
    const query = queryOf(Object.fromEntries(others));
    const response = await fetch(`${node.url}${url}${endpoint.requestBody ? "" : `?${query}`}`, {
      method: method.toUpperCase(),
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(endpoint.requestBody && { "content-type": "application/json" }),
      },
      ...(endpoint.requestBody && { body: JSON.stringify(Object.fromEntries(others)) }),
    });
    const type = response.headers.get("content-type")!.split(";")[0]!;
    const text = await response.text();
    return {
      status: response.status,
      type,
      sent: plain(Object.fromEntries(others)),
      body: (/^application\/(json|problem\+json)$/.test(type) ? JSON.parse(text) : {}) as Json,
    };
  }
});

const GENERATED_PER_OPERATION = 10;

/** Generates changes of an example: one field that is not in the path gets another value, or none. */
function changedInputs(name: OperationName): fc.Arbitrary<Json> {
  const { input, rest } = contract[name] as Operation;
  const fields = Object.keys(input.shape).filter((field) => !rest!.path.includes(`{${field}}`));
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 2 ** 53, 1e21));
  const text = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom("", " ", "\u0000", "\u200b", "x".repeat(5_000)),
  );
  const value = fc.oneof(
    number,
    text,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.jsonValue({ maxDepth: 3 }),
  );
  return fc
    .tuple(fc.constantFrom("nonsense", ...fields), value)
    .map(([field, other]) => ({ [field]: other }));
}

/** The operations that only users may call. */
const ofUsers = new Set<OperationName>([
  "chat.react",
  "chat.unreact",
  "chat.read",
  "chat.unread",
  "chat.rooms",
]);

/**
 * Puts operations in the order of the test. `early` operations create what the examples of others need. After `late`
 * operations, the examples of others would fail. The rest keep the order of the contract.
 */
function inOrder(names: OperationName[]): OperationName[] {
  const late: OperationName[] = [
    "webhook.delete",
    "job.complete",
    "leaderboard.show",
    "leaderboard.close",
    "leaderboard.remove",
    "leaderboard.delete",
    "counter.reset",
    "counter.delete",
    "chat.unreact",
    "chat.moderate",
    "chat.delete",
    "chat.removeMember",
    "chat.drop",
    "presence.drop",
    "user.revoke",
    "user.erase",
  ];
  const early: OperationName[] = [
    "leaderboard.configure",
    "leaderboard.submit",
    "counter.configure",
    "chat.configure",
    "chat.send",
    "chat.setMember",
  ];
  const between = names.filter((name) => !late.includes(name) && !early.includes(name));
  return [...early, ...between, ...late];
}

function endpointOf(name: OperationName) {
  return endpoints.find(({ endpoint }) => endpoint.operationId === name)!;
}

/** @returns a function that throws when a value does not fit a schema of the document */
function validatorOf(document: object): (schema: Json, value: unknown, about: string) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "document");
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value, about) => {
    const absolute = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const fits = compiled.get(absolute) ?? ajv.compile(JSON.parse(absolute));
    compiled.set(absolute, fits);
    expect(fits(value), `${about}: ${JSON.stringify(value)} ${ajv.errorsText(fits.errors)}`).toBe(true);
  };
}

/** The document with schemas that allow only the properties that they name. */
function closed<T>(document: T): T {
  return JSON.parse(JSON.stringify(document), (_key, value) =>
    typeof value === "object" && value?.type === "object" && value.properties !== undefined
      ? { additionalProperties: false, ...value }
      : value,
  );
}

/** The paths of the properties that have no description and do not refer to a schema with one. */
function undescribed(document: object): string[] {
  const found: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && value.type === "object" && "properties" in value) {
      for (const [name, schema] of Object.entries(value.properties as Record<string, Json>)) {
        const target = schema.$ref === undefined ? {} : (at(document, schema.$ref as string) as Json);
        if (!(schema.description ?? target.description)) found.push(`${path}.${name}`);
      }
    }
    for (const [key, inner] of Object.entries(value)) if (key !== "example") look(inner, `${path}/${key}`);
  };
  look(document, "#");
  return found;
}

function referencesIn(document: object): string[] {
  return [...JSON.stringify(document).matchAll(/"\$ref":"(#[^"]+)"/g)].map(([, reference]) => reference!);
}

function at(document: object, reference: string): unknown {
  return reference
    .slice(2)
    .split("/")
    .reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);
}

/** The document as a client receives it: fields that are undefined are not sent. */
function plain(document: object): object {
  return JSON.parse(JSON.stringify(document));
}
