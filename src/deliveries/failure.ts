/** Why a message was not delivered, in words that follow "because". */
export class Failure extends Error {
  /** Trying again would not help. */
  readonly isFinal: boolean;
  /** When the receiver wants the next attempt (milliseconds). */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { isFinal, retryAfterMs }: { isFinal: boolean; retryAfterMs?: number | undefined }) {
    super(message);
    this.isFinal = isFinal;
    this.retryAfterMs = retryAfterMs;
  }
}
