import type { Operation, Outcome, Refusal, Side } from "../shard/protocol.ts";
import { type Code, type Decision, isWithinShard, type TransferRecord } from "./transfer.ts";

/** How far a leg is, as the orchestrator has heard. */
type LegAnswer = "unknown" | "reserved" | "refused" | "ended";

/** A transfer on its way, as the leading orchestrator has it in memory. */
export class Flight {
  transfer: TransferRecord;
  readonly isWithinShard: boolean;
  readonly #legs: Record<Side, { answer: LegAnswer; refusal: Refusal | null }> = {
    debit: { answer: "unknown", refusal: null },
    credit: { answer: "unknown", refusal: null },
  };

  constructor(transfer: TransferRecord) {
    this.transfer = transfer;
    this.isWithinShard = isWithinShard(transfer);
  }

  shardOf(side: Side): number {
    return side === "debit" ? this.transfer.fromShard : this.transfer.toShard;
  }

  /** What holds a side's money, or both sides' at once. */
  reservation(side: Side): Operation {
    const { id: transfer, from, to, fromShard, toShard, asset, amount } = this.transfer;
    if (this.isWithinShard) return { verb: "move", transfer, from, to, asset, amount };
    const [wallet, peer] = side === "debit" ? [from, toShard] : [to, fromShard];
    return { verb: "reserve", transfer, side, wallet, asset, amount, peer };
  }

  /** What ends a side as was decided. */
  settlement(side: Side): Operation {
    const { id: transfer, decision, captured } = this.transfer;
    if (decision === null) throw new Error("Nothing is settled before it is decided.");
    if (decision === "abort") return { verb: "void", transfer, side };
    return { verb: "post", transfer, side, ...(captured === null ? {} : { amount: captured }) };
  }

  /** Takes in what became of a reservation. */
  reserved(side: Side, outcome: Outcome): void {
    this.#legs[side] = outcome.ok
      ? { answer: "reserved", refusal: null }
      : { answer: "refused", refusal: outcome.refusal };
  }

  settled(side: Side): void {
    this.#legs[side].answer = "ended";
  }

  hasAnswered(side: Side): boolean {
    return this.#legs[side].answer !== "unknown";
  }

  /** Whether all reservations have been answered. */
  get isAnswered(): boolean {
    return this.hasAnswered("debit") && (this.isWithinShard || this.hasAnswered("credit"));
  }

  /** Why it cannot happen; of two reasons that of the payer's side. */
  get refusal(): Refusal | null {
    return this.#legs.debit.refusal ?? this.#legs.credit.refusal;
  }

  get isSettled(): boolean {
    return this.sides.every((side) => this.#legs[side].answer === "ended");
  }

  /** Sides that a decision has to be carried to. */
  get sides(): readonly Side[] {
    return ["debit", "credit"];
  }

  /** A leg that was refused holds nothing: there is nothing to void. */
  needsSettling(side: Side): boolean {
    const { answer } = this.#legs[side];
    if (answer === "ended") return false;
    return !(answer === "refused" && this.transfer.decision === "abort");
  }

  decide(decision: Decision, code: Code | null): void {
    this.transfer = { ...this.transfer, decision, code };
  }
}
