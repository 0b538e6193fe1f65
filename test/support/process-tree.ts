import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Signals to a server of many processes, as PostgreSQL and RabbitMQ are: their children may lead
 * sessions of their own, so that a process group does not reach them. Linux, proc(5).
 */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const one of treeOf(pid)) {
    try {
      process.kill(one, signal);
    } catch (error) {
      // It has ended meanwhile.
      if ((error as { code?: unknown }).code !== "ESRCH") throw error;
    }
  }
}

/** SIGKILL to all of it. It is stopped first, so that nobody has children in between. */
export function killTree(pid: number): void {
  signalTree(pid, "SIGSTOP");
  signalTree(pid, "SIGKILL");
}

const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const { pid } of living) if (pid !== undefined) killTree(pid);
});

/** Lets nothing of it outlive the tests, also when they are given up in the middle. */
export function endWithTests<Child extends ChildProcess>(child: Child): Child {
  living.add(child);
  child.once("exit", () => living.delete(child));
  return child;
}

/** The process and its descendants, parents first. */
function treeOf(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const);
  const tree = [pid];
  for (const one of tree) {
    for (const [child, parent] of parents) if (parent === one) tree.push(child);
  }
  return tree;
}

/** The fourth field of stat; the second, a name in parentheses, may contain anything. */
function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
