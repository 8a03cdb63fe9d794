export const HELP = `Usage: grandstand <command> [options]

Commands of a node
  serve                               Start a node with the settings of the environment (docs/settings.md)
  check                               Check the settings and their Redis, with a remedy for each problem
  verify --redis <url>                Break a system on purpose and account for every message (docs/cli.md). Not on a Redis in use:
                                      it closes the connections of all clients. --nodes <url,url> verifies running nodes,
                                      else it starts two; --seconds <n>, --seed <n>, --history <file>, --junit <file>;
                                      --target socketio: Socket.IO with its Redis adapter instead, for comparison
  verify --check <file>               Check the history of an earlier run again
  verify --self-test                  Verify servers that are broken on purpose, to show that each is caught

Commands to a running node
  keys make <name>                    Create an API key and print its secret. --scope <scope> (may be repeated), --expires <time>
  keys list                           List the API keys that were made
  keys revoke <id>                    Revoke an API key and close its connections
  boards export <board> <file>        Write a board to a file as NDJSON. --window <name>, --season <season>
  boards import <board> <file>        Set entries of a board from such a file. --window <name>
  tail <channel>                      Print the publications of a channel, such as chat:lobby. --count <n> ends after n publications

Options
  --url <url>                         The node or its load balancer; http://127.0.0.1:$PORT if not given
  --key-file <file>                   A file with the API key; else API_KEY, or the first key of GRANDSTAND_API_KEYS
  --json                              Print the result as JSON
  -h, --help                          Print this text
  --version                           Print the version

An export or import that was interrupted continues when the same command is run again.

Exit codes
  0  success
  1  the check found a fault, the verdict is invalid, lines of an import were refused, or the command failed
  2  the command line is wrong
  3  the verdict is unknown
`;
