import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { freshPrefix } from "../../test/support/names.js";
import { startNode } from "../../test/support/node-process.js";
import { type RedisProcess, RedisServers } from "../../test/support/redis/servers.js";
import { socketWrites } from "../../test/support/redis/socket-writes.js";
import { silentLog } from "../../test/support/silent-log.js";
import { connectRedis } from "./client.js";
import { corkCommands } from "./command-cork.js";

const folder = mkdtempSync(join(tmpdir(), "grandstand-tls-"));
const certificate = join(folder, "server.crt");
const key = join(folder, "server.key");
let servers: RedisServers;
let server: RedisProcess;
let speaksTls = true;

beforeAll(async () => {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
  execFileSync("openssl", ["req", "-x509", ...newKey, "-out", certificate, "-days", "2", ...subject], {
    stdio: "ignore",
  });
  servers = await RedisServers.open();
  const tls = { "tls-cert-file": certificate, "tls-key-file": key, "tls-ca-cert-file": certificate };
  try {
    server = await servers.start(
      { ...tls, "tls-auth-clients": "no" },
      { tls: { ca: readFileSync(certificate) } },
    );
  } catch (error) {
    // Some builds of Valkey have no TLS, such as those in Python packages. With such a build, these tests are skipped. Any
    // other server must have TLS.
    if (process.env.GRANDSTAND_TEST_REDIS_PROGRAM !== "valkey-server") throw error;
    speaksTls = false;
    return;
  }
  const rights = ["~gs:*", "~{gs:jobs}:*", "&gs:*", "+@all", "-@dangerous", "+info"];
  await server.client.call("ACL", "SETUSER", "grandstand", "on", ">p@ss", ...rights);
});

beforeEach(({ skip }) => skip(!speaksTls, "this server has no TLS"));

afterAll(async () => {
  await servers.close();
  rmSync(folder, { recursive: true });
});

it("OP5: a node runs over TLS as an ACL user with the documented rights", async () => {
  const redisUrl = `rediss://grandstand:p%40ss@localhost:${server.port}`;
  const node = await startNode({ redisUrl, prefix: "gs", env: { NODE_EXTRA_CA_CERTS: certificate } });
  const added = await fetch(`${node.url}/v1/counters/c/add`, {
    method: "POST",
    headers: { authorization: "Bearer test-key", "content-type": "application/json" },
    body: "{}",
  });
  expect([added.status, (await fetch(`${node.url}/health/ready`)).status]).toEqual([200, 200]);
  expect(String(await server.client.call("CLIENT", "LIST"))).toContain("user=grandstand");
  await node.stop();
  expect(node.output.filter((line) => line.includes("NOPERM"))).toEqual([]);
});

it("OP5: a start with an unknown certificate or a missing right fails, and the error names the reason", async () => {
  const unknown = connectRedis(`rediss://localhost:${server.port}`, silentLog);
  await expect(unknown).rejects.toThrow(/self-signed certificate/);
  const other = startNode({
    redisUrl: `rediss://grandstand:p%40ss@localhost:${server.port}`,
    prefix: freshPrefix(),
    env: { NODE_EXTRA_CA_CERTS: certificate },
  });
  await expect(other).rejects.toThrow(/NOPERM|No permissions/i);
});

it("commands of one turn of the event loop leave in one write over TLS", async () => {
  const client = server.client.duplicate();
  await client.ping();
  corkCommands(client);
  const writes = socketWrites(client);
  const numbers = Array.from({ length: 20 }, (_, at) => String(at));
  expect(await Promise.all(numbers.map((number) => client.echo(number)))).toEqual(numbers);
  expect(writes()).toBe(1);
  await client.quit();
});
