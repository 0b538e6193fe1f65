/**
 * The real program, which on command also says a lot: events of any size and rate on the topics of
 * screenings, as if very much happened there. Started by tests as a process of its own.
 */
import { systemRandom } from "../../src/adapters/system/random.ts";
import { startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/index.ts";
import { MODULE_NAMES } from "../../src/modules.ts";

/**
 * What the parent asks for; in place of what it asked for this screening before. A machine that
 * cannot keep up says less: nothing lines up that would still be said after the parent has had
 * enough.
 */
export interface Loudness {
  readonly screeningId: string;
  readonly eventsPerSecond: number;
  readonly eventBytes: number;
}

const app = await startApp(loadConfig({}, MODULE_NAMES, systemRandom));
const timers = new Map<string, NodeJS.Timeout>();

process.on("message", ({ screeningId, eventsPerSecond, eventBytes }: Loudness) => {
  clearInterval(timers.get(screeningId));
  if (eventsPerSecond === 0) return;
  const data = {
    screeningId,
    changes: [{ seatId: "A1", state: "held", by: "x".repeat(eventBytes) }],
  };
  let isSaying = false;
  const say = async () => {
    if (isSaying) return;
    isSaying = true;
    await app.work.write(async ({ events }) =>
      events.emit(`cinema.screening.${screeningId}`, "cinema.seats", data),
    );
    isSaying = false;
  };
  timers.set(screeningId, setInterval(say, 1_000 / eventsPerSecond));
});
process.once("disconnect", () => process.exit());
console.log(`Stoa listens at ${app.url}`);
