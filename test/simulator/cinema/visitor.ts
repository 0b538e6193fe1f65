import type { Person } from "../../../src/core/actor.ts";
import { CALL_TIMEOUT_MS, CALL_WAIT_MS_MAX, REPEAT_WINDOW_MS } from "../../../src/core/limits.ts";
import type { Reply } from "../engine/connection.ts";
import type { Dice } from "../engine/dice.ts";
import { judgeOutcome, WRITING } from "./answers.ts";
import type { Intent, Outcome } from "./intents.ts";
import { judgeReading } from "./readings.ts";
import { canonical } from "./replay.ts";
import { callOf, connect, type Line, type World } from "./world.ts";

/** Errors after which it is worth asking again: nothing is known to have happened. */
const PASSING = new Set(["UNAVAILABLE", "TIMEOUT", "TOO_MANY"]);
const ATTEMPTS_MAX = 40;
/** Whoever asks again later than this might be taken for somebody new. */
const ASKED_FOR_MS_MAX = REPEAT_WINDOW_MS - 2 * 60_000;
/** An answer that takes longer will never come. */
const ANSWER_MS_MAX = CALL_TIMEOUT_MS + CALL_WAIT_MS_MAX + 1_000;
const REPEATED = 0.15;
const DOUBLED = 0.1;

/**
 * Somebody who asks for things, one after the other, and asks again under the same key until there
 * is an answer: after an error that may pass, a lost connection, the death of a node. Sometimes
 * asks twice at once, or again though there was an answer, and must hear the same.
 */
export class Visitor {
  readonly name: string;
  readonly person: Person;
  readonly dice: Dice;
  readonly #world: World;
  #line: Line | undefined;
  #asked = 0;

  constructor(world: World, name: string, person: Person) {
    this.name = name;
    this.person = person;
    this.dice = world.simulation.dice.fork(name);
    this.#world = world;
  }

  /** Asks until there is an answer; the answer if it was granted. */
  async ask(method: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { simulation, oracle } = this.#world;
    this.#asked += 1;
    const intent: Intent = {
      who: this.name,
      person: this.person,
      method,
      input,
      key: `${this.name}-${this.#asked}`,
      firstAtMs: simulation.scheduler.elapsedMs,
      commits: [],
      outcome: undefined,
    };
    if (WRITING.has(method)) oracle.expect(intent);
    const double = this.dice.chance(DOUBLED) ? this.#once(intent, "elsewhere") : undefined;
    const outcome = await this.#insist(intent);
    intent.outcome = outcome;
    const told = outcome.kind === "answer" ? canonical(outcome.answer) : JSON.stringify(outcome);
    simulation.trace.add(`${this.name} ${method} ${canonical(input)} → ${told}`);
    const wrong = judgeOutcome(intent) ?? judgeReading(oracle.replay, intent);
    if (wrong !== undefined) simulation.fail(wrong);
    if (outcome.kind !== "answer") return undefined;
    if (double !== undefined) this.#compare(intent, await double);
    if (WRITING.has(method) && this.dice.chance(REPEATED)) {
      await this.rest(2_000);
      if (this.#isRecognised(intent)) this.#compare(intent, await this.#once(intent));
    }
    return outcome.answer;
  }

  /** Does nothing for a while. */
  rest(atMostMs: number): Promise<void> {
    const { scheduler } = this.#world.simulation;
    return scheduler.sleep(this.dice.between(0, atMostMs), `${this.name} rested`);
  }

  async #insist(intent: Intent): Promise<Outcome> {
    const { scheduler } = this.#world.simulation;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (!this.#isRecognised(intent)) return { kind: "unknown" };
      const attemptAtMs = scheduler.elapsedMs;
      const reply = await this.#once(intent);
      if (reply.kind === "answer") return { ...reply, attemptAtMs };
      if (reply.kind === "error" && !PASSING.has(reply.error.code)) {
        return { kind: "error", code: reply.error.code, attemptAtMs };
      }
      await this.rest(300);
    }
    return { kind: "unknown" };
  }

  #isRecognised({ firstAtMs }: Intent): boolean {
    return this.#world.simulation.wall.advanceSince(firstAtMs) < ASKED_FOR_MS_MAX;
  }

  async #once(intent: Intent, where?: "elsewhere"): Promise<Reply<unknown>> {
    const line = await this.#connect(where === "elsewhere");
    const { connection, program } = line;
    const { method, input, person, key } = intent;
    const watch = this.#watchForAnswer(line, intent);
    const reply = await connection.request(() => {
      const call = callOf(method, input, person, { repeatKey: key, signal: connection.gone });
      return program.dispatch.call(call);
    });
    watch.cancel();
    if (reply.kind === "error" && reply.error.code === "INTERNAL") {
      this.#world.simulation.fail(`${this.name} ${method} ended with INTERNAL`);
    }
    return reply;
  }

  async #connect(isElsewhere: boolean): Promise<Line> {
    if (!isElsewhere && this.#line?.connection.isOpen === true) return this.#line;
    const line = await connect(this.#world.simulation, this.dice);
    if (!isElsewhere) this.#line = line;
    return line;
  }

  /** A call ends within its time, but for the time in which its node stands still. */
  #watchForAnswer({ connection }: Line, { method, key }: Intent) {
    const { simulation } = this.#world;
    const { scheduler } = simulation;
    const look = (delayMs: number) =>
      scheduler.after(delayMs, `${this.name} looks at the clock`, () => {
        if (!connection.isOpen) return;
        const restMs = connection.life.pausedUntilMs + ANSWER_MS_MAX - scheduler.elapsedMs;
        if (connection.life.pausedUntilMs > 0 && restMs > 0) timer = look(restMs);
        else simulation.fail(`${this.name} ${method} (${key}) is never answered`);
      });
    let timer = look(ANSWER_MS_MAX);
    return { cancel: () => timer.cancel() };
  }

  #compare(intent: Intent, reply: Reply<unknown>): void {
    const { outcome, method, key } = intent;
    if (reply.kind !== "answer" || outcome?.kind !== "answer" || !WRITING.has(method)) return;
    if (!this.#isRecognised(intent) || canonical(reply.answer) === canonical(outcome.answer))
      return;
    const [first, second] = [canonical(outcome.answer), canonical(reply.answer)];
    this.#world.simulation.fail(
      `${this.name} ${method} (${key}) was told ${first}, then ${second}`,
    );
  }
}
