import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";

/**
 * Reads `+p<path>`, `+g<process group>`, `+e<NAME=value>` and the same with `-` from its input. The input ends when the process that
 * holds the other end of the pipe is gone, however it went; what is still listed then is ended and removed.
 */
const script = `
trap "" HUP INT QUIT TERM
while IFS= read -r line; do
  case $line in
    +*) set -- "$@" "\${line#+}" ;;
    -*) gone=\${line#-}
        for entry in "$@"; do shift; [ "$entry" = "$gone" ] || set -- "$@" "$entry"; done ;;
  esac
done
for entry in "$@"; do case $entry in g*) kill -KILL "-\${entry#g}" 2>/dev/null ;; esac; done
for entry in "$@"; do case $entry in e*)
  for file in /proc/[0-9]*/environ; do
    pid=\${file#/proc/}
    grep -qF -- "\${entry#e}" "$file" 2>/dev/null && kill -KILL "\${pid%/environ}" 2>/dev/null
  done ;;
esac; done
for entry in "$@"; do case $entry in p*) rm -rf -- "\${entry#p}" ;; esac; done
`;

interface Watcher {
  readonly child: ChildProcess;
  readonly input: Socket;
  readonly entries: string[];
}

let watcher: Watcher | undefined;

function startWatcher(): Watcher {
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const input = child.stdin as Socket;
  // Without a shell there is nobody to clean up after a kill; everything else works.
  child.on("error", () => undefined);
  input.on("error", () => undefined);
  child.unref();
  input.unref?.();
  return { child, input, entries: [] };
}

async function endWatcher({ child, input }: Watcher): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  child.ref();
  const ended = once(child, "exit");
  input.end();
  await ended;
}

async function register(entry: string): Promise<() => Promise<void>> {
  watcher ??= startWatcher();
  const own = watcher;
  own.entries.push(entry);
  own.input.write(`+${entry}\n`);
  let released = false;
  return async () => {
    if (released) return;
    released = true;
    own.entries.splice(own.entries.indexOf(entry), 1);
    if (own.entries.length > 0) {
      own.input.write(`-${entry}\n`);
      return;
    }
    own.input.write(`-${entry}\n`);
    if (watcher === own) watcher = undefined;
    await endWatcher(own);
  };
}

/**
 * Has a file or folder removed when this process dies without doing so itself, also when it is killed.
 * @returns takes the path off the list again
 */
export function removeOnDeath(path: string): Promise<() => Promise<void>> {
  return register(`p${path}`);
}

/**
 * Has a process group killed when this process dies before the group has ended.
 * @returns takes the group off the list again
 */
export function killOnDeath(processGroup: number): Promise<() => Promise<void>> {
  return register(`g${processGroup}`);
}

/**
 * Has every process that carries a variable in its environment killed when this process dies, whatever group or session
 * it has gone to. Works where there is a /proc.
 * @param variable `NAME=value`
 * @returns takes the variable off the list again
 */
export function killMarkedOnDeath(variable: string): Promise<() => Promise<void>> {
  return register(`e${variable}`);
}
