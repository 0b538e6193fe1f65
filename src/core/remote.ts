/** A process elsewhere that answers questions: one text for another. */
export interface Remote {
  /**
   * @throws RemoteUnavailable when there is no whole answer within the time and the size that the
   * question allows; whether it was acted upon is then unknown
   */
  ask(question: RemoteQuestion): Promise<RemoteAnswer>;
  /** Ends what is under way. */
  close(): void;
}

export interface RemoteQuestion {
  /** What is asked for: `/send`. */
  readonly path: string;
  /** JSON. */
  readonly body: string;
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  /** Beside those that every question has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends it when it aborts, as if there were no answer. */
  readonly signal?: AbortSignal;
}

export interface RemoteAnswer {
  /** An HTTP status. */
  readonly status: number;
  readonly body: string;
}

/** Answers the questions that come to this process. It never rejects. */
export type AnswerRemote = (path: string, body: string) => Promise<RemoteAnswer>;

export class RemoteUnavailable extends Error {
  override readonly name = "RemoteUnavailable";
}
