import { spawn } from "node:child_process";
import { once } from "node:events";

/** A command that runs in its own process group, as if a terminal had started it. */
export interface Command {
  /** Everything that the command has printed to stdout and stderr so far. */
  output(): string;
  /** Null while it runs, and after a signal ended it. */
  exitCode(): number | null;
  /** Sends SIGINT to the whole process group, as Ctrl-C does, and waits for the end. */
  interrupt(): Promise<void>;
  /** Waits until the command has ended. */
  ended(): Promise<void>;
}

export interface CommandOptions {
  cwd: string;
  /**
   * Environment variables. The developer's environment is not inherited, except for what every program needs.
   */
  env?: Record<string, string>;
}

export function startCommand(program: string, args: string[], { cwd, env }: CommandOptions): Command {
  const { PATH = "", HOME = "", TMPDIR, CHROMIUM_PATH, npm_config_cache } = process.env;
  const child = spawn(program, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH,
      HOME,
      NO_COLOR: "1",
      ...(TMPDIR && { TMPDIR }),
      ...(CHROMIUM_PATH && { CHROMIUM_PATH }),
      ...(npm_config_cache && { npm_config_cache }),
      ...env,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const closed = once(child, "close");
  return {
    output: () => output,
    exitCode: () => child.exitCode,
    interrupt: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, "SIGINT");
      }
      await closed;
    },
    ended: async () => void (await closed),
  };
}

/**
 * Runs a command to its end. @returns everything that it printed
 * @throws if it fails; the message contains its output
 */
export async function runCommand(program: string, args: string[], options: CommandOptions): Promise<string> {
  const command = startCommand(program, args, options);
  await command.ended();
  if (command.exitCode() !== 0) {
    throw new Error(`${program} ${args.join(" ")} failed in ${options.cwd}:\n${command.output()}`);
  }
  return command.output();
}
