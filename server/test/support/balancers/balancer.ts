import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../eventually.js";

/** A running load balancer, with its configuration from `deploy/`. */
export interface Balancer {
  /** The address without TLS. */
  url: string;
  /** The address with TLS and HTTP/2. */
  tlsUrl: string;
  /** What the balancer has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

export interface BalancerKind {
  name: string;
  /** Undefined when the program is not on this machine. */
  program: string | undefined;
  /** @param ports the ports of the three nodes on the loopback address */
  start(ports: readonly number[]): Promise<Balancer>;
}

/** The path prefix under which the balancers also serve Grandstand. */
export const PATH_PREFIX = "/realtime";

interface Places {
  folder: string;
  port: number;
  tlsPort: number;
}

function kind(
  name: string,
  file: string,
  args: (configPath: string) => string[],
  adapt: (text: string, places: Places) => string,
): BalancerKind {
  const program = programOnPath(name);
  return {
    name,
    program,
    async start(ports) {
      const folder = await mkdtemp(join(tmpdir(), `grandstand-${name}-`));
      // nginx drops the rights of root, but its worker processes have to write temporary files here.
      await chmod(folder, 0o777);
      createCertificate(folder);
      const places = { folder, port: await freePort(), tlsPort: await freePort() };
      const source = await readFile(
        fileURLToPath(new URL(`../../../../deploy/${file}`, import.meta.url)),
        "utf8",
      );
      const text = adapt(uncommented(source), places).replaceAll(
        /grandstand([123]):8080/g,
        (_, at) => `127.0.0.1:${ports[Number(at) - 1]}`,
      );
      const configPath = join(folder, file);
      await writeFile(configPath, text);
      const child = spawn(program ?? name, args(configPath), { stdio: ["ignore", "pipe", "pipe"] });
      const output = outputOf(child);
      const exited = once(child, "exit");
      await Promise.race([
        eventually(() => reach(places.port)),
        exited.then(() => Promise.reject(new Error(`${name} exited:\n${output()}`))),
      ]);
      return {
        url: `http://127.0.0.1:${places.port}`,
        tlsUrl: `https://127.0.0.1:${places.tlsPort}`,
        output,
        async stop() {
          // SIGQUIT and SIGUSR1 would wait for live connections.
          child.kill("SIGTERM");
          await exited;
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

const nginx = kind(
  "nginx",
  "nginx.conf",
  (path) => ["-c", path, "-g", "daemon off;"],
  (text, { folder, port, tlsPort }) =>
    text
      .replace("listen 8080;", `listen 127.0.0.1:${port};`)
      .replace("listen 8443", `listen 127.0.0.1:${tlsPort}`)
      .replaceAll("/etc/nginx/tls/", `${folder}/`)
      .replaceAll("/tmp/nginx", `${folder}/nginx`)
      // In the tests, this timeout has to be shorter than the drain delay of the nodes.
      .replaceAll("keepalive_timeout 2s", "keepalive_timeout 200ms"),
);

const haproxy = kind(
  "haproxy",
  "haproxy.cfg",
  (path) => ["-db", "-f", path],
  (text, { folder, port, tlsPort }) =>
    text
      .replace("bind :8080", `bind 127.0.0.1:${port}`)
      .replace("bind :8443", `bind 127.0.0.1:${tlsPort}`)
      .replaceAll("/etc/haproxy/tls/", `${folder}/`)
      // With a shorter interval, the tests wait less until the balancer notices that a node is not ready.
      .replaceAll("inter 1s", "inter 100ms"),
);

export const balancerKinds: readonly BalancerKind[] = [nginx, haproxy];

/** Enables TLS, HTTP/2 and the path prefix, which are commented out in the files of `deploy/`. */
function uncommented(text: string): string {
  return text.replaceAll(
    /# ?(listen 8443|ssl_certificate|rewrite |bind :8443|http-request replace-path)/g,
    "$1",
  );
}

function createCertificate(folder: string): void {
  const [key, certificate] = [join(folder, "privkey.pem"), join(folder, "fullchain.pem")];
  const { status, stderr } = spawnSync(
    "openssl",
    [
      ...["req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-keyout", key, "-out", certificate],
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  spawnSync("sh", ["-c", `cat "${certificate}" "${key}" > "${join(folder, "site.pem")}"`]);
}

/** Finds a program. Also looks into folders for daemons, which are often not on PATH. */
function programOnPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}

function outputOf(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return () => output;
}
