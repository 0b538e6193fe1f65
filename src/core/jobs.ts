import type { Clock, Timer } from "./clock.ts";
import { StoaError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Job, JobContext } from "./module.ts";

/** Runs jobs at their intervals, each at most once at a time, until it is stopped. */
export class JobRunner {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #context: Omit<JobContext, "signal">;
  readonly #stop = new AbortController();
  readonly #timers = new Map<string, Timer>();
  readonly #running = new Set<Promise<void>>();

  constructor(clock: Clock, context: Omit<JobContext, "signal">) {
    this.#clock = clock;
    this.#log = context.log;
    this.#context = context;
  }

  start(jobs: Iterable<Job>): void {
    for (const job of jobs) this.#schedule(job);
  }

  /** Resolves when the runs under way have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.all(this.#running);
  }

  #schedule(job: Job): void {
    if (this.#stop.signal.aborted) return;
    const timer = this.#clock.after(job.intervalMs, () => {
      const run = this.#run(job).finally(() => {
        this.#running.delete(run);
        this.#schedule(job);
      });
      this.#running.add(run);
    });
    this.#timers.set(job.name, timer);
  }

  async #run(job: Job): Promise<void> {
    try {
      await job.run({ ...this.#context, signal: this.#stop.signal });
    } catch (cause) {
      // A database that is away or busy is no failure of the job.
      const isWaiting = cause instanceof StoaError && cause.kind === "unavailable";
      const level = isWaiting ? "warn" : "error";
      this.#log[level]({ err: cause, job: job.name }, "a job failed and will run again");
    }
  }
}
