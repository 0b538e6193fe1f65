import type { Signal, StreamEvent } from "../../core/event-log.ts";

/** What is written out once for all that hear it. A signal has no offset, and its frame none. */
export type Pushed = StreamEvent | Signal;

/** An event as a frame, and where in it each subscriber's own name goes, if it has such a place. */
export interface PushFrame {
  readonly frame: Buffer;
  readonly slotAt: number | undefined;
}

/** The frame, with the event that it was made of. */
interface Push extends PushFrame {
  readonly event: Pushed;
}

/**
 * A run is joined whenever it has become this much longer. A push that waits unjoined costs several
 * times its frame: the event behind it, and the links of the chain.
 */
const UNJOINED_MAX = 64;

/** Frames that follow each other, and where their slots are. */
interface Template {
  bytes: Buffer;
  readonly slots: readonly number[];
}

/**
 * Pushes that wait for a subscriber, as a chain from the newest to the oldest.
 *
 * All subscribers of a topic get the same events in the same order, so those that wait for the same
 * pushes share one chain: the first to get an event makes its link, the others find it. A chain is
 * joined into a template when the first of them is written to; for each further one the template is
 * copied and its slots are filled with that subscriber's name for it; without slots all are written
 * the template itself. A reader that falls behind therefore holds on to frames it shares with
 * others, not to copies of its own, and once there are many, to their bytes and nothing else.
 */
export class PushRun {
  /** Pushes in the run. */
  readonly count: number;
  /** Bytes of their frames. */
  readonly bytes: number;
  readonly #push: Push;
  #previous: PushRun | undefined;
  /** Pushes up to this one that are not in a template. */
  readonly #unjoined: number;
  #next: PushRun | undefined;
  #template: Template | undefined;

  constructor(push: Push, previous?: PushRun) {
    this.#push = push;
    this.#previous = previous;
    this.count = (previous?.count ?? 0) + 1;
    this.bytes = (previous?.bytes ?? 0) + push.frame.length;
    const before =
      previous === undefined || previous.#template !== undefined ? 0 : previous.#unjoined;
    this.#unjoined = before + 1;
    if (this.#unjoined >= UNJOINED_MAX) this.#joined();
  }

  /** This run with one push more. */
  followedBy(event: Pushed, encoder: PushEncoder): PushRun {
    const known = this.#next;
    if (known !== undefined && known.#push.event === event) return known;
    const next = new PushRun(encoder.start(event).#push, this);
    this.#next = next;
    return next;
  }

  /** Writes the frames, with this text in their slots, and answers where they end. */
  writeTo(target: Buffer, at: number, slot: string): number {
    const { bytes, slots } = this.#joined();
    target.set(bytes, at);
    for (const slotAt of slots) target.write(slot, at + slotAt, slot.length, "latin1");
    return at + bytes.length;
  }

  /**
   * The frames, with this text in their slots, in the template itself: good until the next call.
   * Most readers take what they are written at once, and then nothing has to be copied for them.
   */
  addressedTo(slot: string): Buffer {
    const { bytes, slots } = this.#joined();
    for (const slotAt of slots) bytes.write(slot, slotAt, slot.length, "latin1");
    return bytes;
  }

  /** What was addressed last is still being read, and stays as it is: others get a copy. */
  leave(): void {
    const template = this.#joined();
    if (template.slots.length > 0) template.bytes = Buffer.from(template.bytes);
  }

  #joined(): Template {
    this.#template ??= this.#join();
    // What came before is in the template: whoever waits for it as well has links of their own.
    this.#previous = undefined;
    return this.#template;
  }

  #join(): Template {
    if (this.#previous === undefined) {
      return { bytes: this.#push.frame, slots: slotsOf(this.#push, 0) };
    }
    const bytes = Buffer.allocUnsafeSlow(this.bytes);
    const slots: number[] = [];
    for (let link: PushRun | undefined = this; link !== undefined; link = link.#previous) {
      if (link.#template !== undefined) {
        bytes.set(link.#template.bytes);
        for (const slotAt of link.#template.slots) slots.push(slotAt);
        break;
      }
      const at = link.bytes - link.#push.frame.length;
      bytes.set(link.#push.frame, at);
      slots.push(...slotsOf(link.#push, at));
    }
    return { bytes, slots };
  }
}

function slotsOf({ slotAt }: Push, at: number): number[] {
  return slotAt === undefined ? [] : [at + slotAt];
}

/** Encodes each event once, however many hear it. */
export class PushEncoder {
  readonly #encode: (event: Pushed) => PushFrame;
  readonly #runs = new WeakMap<Pushed, PushRun>();
  /** A topic gives an event to all of its followers before it gives the next one. */
  #latest: { readonly event: Pushed; readonly run: PushRun } | undefined;

  constructor(encode: (event: Pushed) => PushFrame) {
    this.#encode = encode;
  }

  /** The run that consists of this event. */
  start(event: Pushed): PushRun {
    if (this.#latest?.event === event) return this.#latest.run;
    let run = this.#runs.get(event);
    if (run === undefined) {
      run = new PushRun({ event, ...this.#encode(event) });
      this.#runs.set(event, run);
    }
    this.#latest = { event, run };
    return run;
  }
}
