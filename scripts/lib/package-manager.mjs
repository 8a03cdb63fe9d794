import { spawnSync } from "node:child_process";
import { findProgram } from "./program.mjs";

/**
 * A Debian package of a daemon starts and enables its service. Grandstand needs only the program, so a temporary
 * policy file keeps these services from starting while apt runs. An existing policy file is left unchanged.
 */
const aptScript = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\\ncase "$1" in redis*|valkey*|nginx*|haproxy*) exit 101 ;; esac\\nexit 0\\n' > "$policy"
  chmod 755 "$policy"
fi
DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -q -y --no-install-recommends "$@" || exit
if [ -d /run/systemd/system ]; then
  for service in redis-server valkey-server nginx haproxy; do
    case " $* " in *" $service "*) systemctl disable --quiet "$service" || true ;; esac
  done
fi
`;

const managers = [
  {
    program: "apt-get",
    needsRoot: true,
    refresh: ["apt-get", "-q", "update"],
    install: (packages) => ["sh", "-c", aptScript, "sh", ...packages],
    advice: (packages) => `apt-get update && apt-get install -y ${packages.join(" ")}`,
  },
  {
    program: "apk",
    needsRoot: true,
    install: (packages) => ["apk", "add", "--no-cache", ...packages],
  },
  {
    program: "dnf",
    needsRoot: true,
    install: (packages) => ["dnf", "install", "-y", "--setopt=install_weak_deps=False", ...packages],
  },
  {
    program: "brew",
    needsRoot: false,
    install: (packages) => ["brew", "install", ...packages],
  },
];

let isRefreshed = false;

/**
 * Finds a program on PATH, or installs it with the package manager of the system.
 *
 * @param {object} wanted
 * @param {string[]} wanted.names possible names of the program, in order of preference
 * @param {string} wanted.reason why the program is needed; printed before an installation
 * @param {Record<string, string[]>} wanted.packages the packages to install, by package manager
 * @returns {{ path: string } | { problem: string, advice?: string }} the path of the program, or the reason why
 *   it is missing and a command that installs it
 */
export function ensureProgram({ names, reason, packages }) {
  const found = findProgram(...names);
  if (found) return { path: found };

  const manager = managers.find(({ program }) => packages[program] && findProgram(program));
  if (!manager) return { problem: `${names[0]} is not on PATH and no known package manager has it` };

  const wanted = packages[manager.program];
  const command = manager.advice?.(wanted) ?? manager.install(wanted).join(" ");
  const prefix = manager.needsRoot ? rootPrefix() : [];
  if (!prefix) {
    return {
      problem: `${names[0]} is not on PATH, and installing it needs root or a passwordless sudo`,
      advice: `sudo sh -c '${command}'`,
    };
  }
  const advice = manager.needsRoot && prefix.length > 0 ? `sudo sh -c '${command}'` : command;

  console.log(`Installing ${wanted.join(" and ")} with ${manager.program}: ${reason}.`);
  if (manager.refresh && !isRefreshed) {
    // A failed refresh is not fatal: the installation may still succeed, and reports its own error.
    run([...prefix, ...manager.refresh]);
    isRefreshed = true;
  }
  const failure = run([...prefix, ...manager.install(wanted)]);
  if (failure) return { problem: `${manager.program} could not install it:\n${failure}`, advice };

  const installed = findProgram(...names);
  if (installed) return { path: installed };
  return {
    problem: `${manager.program} installed ${wanted.join(" ")}, but ${names[0]} is not on PATH`,
    advice,
  };
}

/** The prefix of a command that needs root; undefined if this user cannot become root without a password. */
export function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!findProgram("sudo")) return undefined;
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : undefined;
}

/** Runs a command. @returns the last lines of its output if it failed, else undefined */
function run([program, ...args]) {
  const result = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (result.status === 0) return undefined;
  const printed = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
  return printed.split("\n").slice(-12).join("\n") || result.error?.message || `exit status ${result.status}`;
}
