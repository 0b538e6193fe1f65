import { readFileSync } from "node:fs";

const KIB = 1_024;
const NS_PER_MS = 1_000_000;
/** Clock ticks of the kernel's accounts: `sysconf(_SC_CLK_TCK)` is 100 wherever Node runs. */
const MS_PER_TICK = 10;

/** Processor time of a process so far, in milliseconds. Linux, proc(5). */
export function processorMs(pid: number | undefined): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, a name in parentheses, may contain anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

/** How long its main thread had something to do and no processor, in milliseconds. Linux. */
export function waitingMs(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / NS_PER_MS;
}

/** Resident memory of a process in MiB. */
export function residentMib(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / KIB;
}
