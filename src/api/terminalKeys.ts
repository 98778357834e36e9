import type { JobService } from './endpoints.ts';
import { BgJobsError } from './errors.ts';

type Service = Pick<JobService, 'sendInput' | 'resizeTerminal'>;

/**
 * Sends what is typed into the terminal of a job, and its size, in order: what comes while a request is under way goes
 * together. A job that has ended takes nothing, and the requests of a lost host are not repeated: both show by the output.
 */
export class TerminalKeys {
  readonly #service: () => Service | Promise<Service>;
  readonly #id: string;
  #text = '';
  #size: { columns: number; rows: number } | undefined;
  #isSending = false;

  /** @param id of the job */
  constructor(service: () => Service | Promise<Service>, id: string) {
    this.#service = service;
    this.#id = id;
  }

  type(text: string): void {
    this.#text += text;
    void this.#send();
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#text !== '' || this.#size) {
      const [text, size] = [this.#text, this.#size];
      this.#text = '';
      this.#size = undefined;
      try {
        const service = await this.#service();
        if (size) await service.resizeTerminal(this.#id, size);
        if (text !== '') await service.sendInput(this.#id, { text });
      } catch (error) {
        if (!(error instanceof BgJobsError)) throw error;
      }
    }
    this.#isSending = false;
  }
}
