import type { Person } from "../../core/actor.ts";
import type { ChannelPresence } from "../../core/channel.ts";
import type { Clock } from "../../core/clock.ts";
import type { StreamEvent } from "../../core/event-log.ts";
import type { Log } from "../../core/log.ts";
import type { Presence, Tracked } from "../../core/presence.ts";
import { REVALIDATE_AFTER_MS } from "../websocket/limits.ts";

/** A member of a channel, as those are shown him who are there with him. */
export class Shown {
  readonly person: Person;
  readonly rules: ChannelPresence;
  readonly #topic: string;
  readonly #parts: ShowParts;
  #tracked: Tracked | undefined;
  #meta: string | undefined;
  #lookedAtMs = 0;
  #isLooking = false;
  #looksAgain = false;
  #hasEnded = false;

  constructor(topic: string, person: Person, rules: ChannelPresence, parts: ShowParts) {
    this.person = person;
    this.rules = rules;
    this.#topic = topic;
    this.#parts = parts;
    parts.crowd.add(this);
  }

  /** Asks the module how the person is to be shown; while it is being asked, once more after. */
  async look(): Promise<void> {
    if (this.#isLooking) {
      this.#looksAgain = true;
      return;
    }
    this.#isLooking = true;
    this.#lookedAtMs = this.#parts.clock.monotonicMs();
    try {
      do {
        this.#looksAgain = false;
        this.#show(await this.rules.show(this.person));
      } while (this.#looksAgain && !this.#hasEnded);
    } catch (err) {
      this.#parts.log.warn({ err, topic: this.#topic }, "it is not known whom to show");
    } finally {
      this.#isLooking = false;
    }
  }

  /** Looks again when that is long ago: the event that would have said so may have been lost. */
  visit(nowMs: number): void {
    if (nowMs - this.#lookedAtMs >= REVALIDATE_AFTER_MS) void this.look();
  }

  end(): void {
    this.#hasEnded = true;
    this.#parts.crowd.remove(this);
    this.#tracked?.end();
    this.#tracked = undefined;
  }

  #show(meta: object | null): void {
    if (this.#hasEnded) return;
    const text = meta === null ? undefined : JSON.stringify(meta);
    if (text === this.#meta) return;
    this.#meta = text;
    if (meta === null) {
      this.#tracked?.end();
      this.#tracked = undefined;
    } else if (this.#tracked === undefined) {
      const { presence } = this.#parts;
      this.#tracked = presence.track(this.#topic, this.person.accountId, meta);
    } else {
      this.#tracked.update(meta);
    }
  }
}

interface ShowParts {
  readonly presence: Presence;
  readonly crowd: Crowd;
  readonly clock: Clock;
  readonly log: Log;
}

/** Those who are or might be shown, findable by the person they are. */
export class Crowd {
  readonly #byAccount = new Map<string, Set<Shown>>();

  add(shown: Shown): void {
    const { accountId } = shown.person;
    const own = this.#byAccount.get(accountId);
    if (own === undefined) this.#byAccount.set(accountId, new Set([shown]));
    else own.add(shown);
  }

  remove(shown: Shown): void {
    const { accountId } = shown.person;
    const own = this.#byAccount.get(accountId);
    own?.delete(shown);
    if (own?.size === 0) this.#byAccount.delete(accountId);
  }

  /** Looks again at whom an event may have changed, as each channel's own rules say. */
  heard(event: StreamEvent, rules: readonly ChannelPresence[]): void {
    for (const rule of rules) {
      const accountId = rule.changes?.(event);
      if (accountId === undefined) continue;
      for (const shown of this.#byAccount.get(accountId) ?? []) {
        if (shown.rules === rule) void shown.look();
      }
    }
  }
}
