import type { Duplex } from "node:stream";
import type { Flushable, FlushQueue } from "./flush-queue.ts";
import { OUTBOUND_BYTES_MAX } from "./limits.ts";
import type { PushRun } from "./push-run.ts";

/** A subscription with pushes to write. */
export interface PushSource {
  readonly slot: string;
  /** What waits; undefined when nothing does. */
  run: PushRun | undefined;
}

/** Who is told how writing goes. */
export interface OutboundListener {
  /** The reader is more than {@link OUTBOUND_BYTES_MAX} behind. */
  onOverfull(): void;
  onPushed(pushes: number): void;
}

/**
 * The writing side of a socket.
 *
 * Pushes wait as shared runs and become bytes only when the kernel has taken what was written
 * before, so a reader that falls behind costs references rather than copies. Answers belong to one
 * reader anyway and are written at the end of the turn. Pushes go before the answers of the same
 * turn; only the answer to a subscribe request has to precede its pushes: `writeNow` sees to it.
 */
export class Outbound implements Flushable {
  queued = false;
  urgent = false;
  readonly #socket: Duplex;
  readonly #queue: FlushQueue;
  readonly #listener: OutboundListener;
  #sources: PushSource[] = [];
  #answers: Buffer[] = [];
  #closed = false;

  constructor(socket: Duplex, queue: FlushQueue, listener: OutboundListener) {
    this.#socket = socket;
    this.#queue = queue;
    this.#listener = listener;
  }

  /** The source has its first push since it was last written. */
  push(source: PushSource): void {
    if (this.#closed) return;
    this.#sources.push(source);
    this.#queue.later(this);
  }

  /** What waits for this source is not to be written any more. */
  drop(source: PushSource): void {
    source.run = undefined;
    this.#sources = this.#sources.filter((other) => other !== source);
  }

  answer(frame: Buffer): void {
    if (this.#closed) return;
    this.#answers.push(frame);
    this.#queue.soon(this);
  }

  /** Writes an answer, so that nothing that comes after this call goes before it. */
  writeNow(frame: Buffer): void {
    if (this.#closed) return;
    this.#answers.push(frame);
    this.flush();
  }

  flush(): boolean {
    if (this.#closed) return false;
    const unsent = this.#socket.writableLength;
    const waiting = this.#sources.length === 0 ? 0 : this.#waitingBytes();
    // However much there is, a reader that has taken everything so far is not behind.
    if (unsent > 0 && unsent + waiting > OUTBOUND_BYTES_MAX) {
      this.#listener.onOverfull();
      return false;
    }
    const [only, another] = this.#sources;
    const isPushesAlone = unsent === 0 && this.#answers.length === 0 && another === undefined;
    if (isPushesAlone && only?.run !== undefined) {
      this.#writeRun(only, only.run);
      return false;
    }
    const pushes = unsent === 0 && waiting > 0 ? this.#takePushes(waiting) : undefined;
    if (this.#answers.length > 0) this.#writeAnswers(unsent, pushes);
    else if (pushes !== undefined) this.#socket.write(pushes);
    return this.#sources.length > 0;
  }

  /** Nothing is written from here on. */
  close(): void {
    this.#closed = true;
    this.#sources = [];
    this.#answers = [];
  }

  #waitingBytes(): number {
    let bytes = 0;
    for (const { run } of this.#sources) bytes += run?.bytes ?? 0;
    return bytes;
  }

  /** The pushes of one subscription, without a copy when the kernel takes them at once. */
  #writeRun(source: PushSource, run: PushRun): void {
    this.#sources.length = 0;
    source.run = undefined;
    this.#listener.onPushed(run.count);
    this.#socket.write(run.addressedTo(source.slot));
    if (this.#socket.writableLength > 0) run.leave();
  }

  /** All pushes that wait, in one buffer. */
  #takePushes(bytes: number): Buffer {
    const target = Buffer.allocUnsafe(bytes);
    let at = 0;
    let count = 0;
    for (const source of this.#sources) {
      const { run } = source;
      if (run === undefined) continue;
      at = run.writeTo(target, at, source.slot);
      count += run.count;
      source.run = undefined;
    }
    this.#sources.length = 0;
    this.#listener.onPushed(count);
    return target;
  }

  #writeAnswers(unsent: number, pushes: Buffer | undefined): void {
    const socket = this.#socket;
    const answers = this.#answers;
    this.#answers = [];
    if (answers.length > 1 || pushes !== undefined) socket.cork();
    if (pushes !== undefined) socket.write(pushes);
    let bytes = unsent;
    for (const answer of answers) {
      // One answer may be larger than the bound; nothing is put on top of such a backlog.
      if (bytes > OUTBOUND_BYTES_MAX) {
        this.#listener.onOverfull();
        break;
      }
      socket.write(answer);
      bytes += answer.length;
    }
    // Does nothing when there was nothing to gather.
    socket.uncork();
  }
}
