import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Flood, FloodResult } from "./flood-process.ts";
import { endWithTests } from "./process-tree.ts";

const PROGRAM = path.join(import.meta.dirname, "flood-process.ts");

/** Makes requests from a process of its own, and resolves when the last one is answered. */
export async function flood(
  options: Omit<Flood, "requests"> & { readonly requests: readonly Buffer[] },
): Promise<FloodResult> {
  const child = endWithTests(fork(PROGRAM, { execArgv: [] }));
  try {
    const requests = options.requests.map((request) => request.toString("base64"));
    const answered = once(child, "message");
    const ended = once(child, "exit").then(() => undefined);
    child.send({ ...options, requests });
    const message = await Promise.race([answered, ended]);
    if (message === undefined) throw new Error("The driver of the flood has ended.");
    return message[0] as FloodResult;
  } finally {
    child.kill("SIGKILL");
  }
}
