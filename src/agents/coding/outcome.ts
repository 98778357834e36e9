import type { AgentEvent } from '../../api/codingAgent.ts';
import type { Run } from '../../api/job.ts';
import { addSpent } from '../../text/agentOutcome.ts';
import { endText, exitText } from '../../text/endText.ts';
import { english, joined } from '../../text/grammar.ts';
import type { Draft } from './lineParser.ts';

export type RunEnd = Pick<Run, 'status' | 'exitCode' | 'signal' | 'reason' | 'reasonText' | 'error' | 'finishedAt'>;

type Spent = Pick<AgentEvent, 'usage' | 'costUsd'>;

/** What a run has come to. An agent may report several results, and the end of the run decides whether the last one holds. */
export class Outcome {
  #status: Draft['status'] = null;
  #text = '';
  #answer = '';
  #sessionId: string | null = null;
  #spent: Spent = { usage: null, costUsd: null };

  /** Adds a result that the agent has reported; one without a status only says what was spent. */
  add({ status, text = '', sessionId, usage = null, costUsd = null }: Draft): void {
    this.#sessionId = sessionId ?? this.#sessionId;
    this.#spent = addSpent(this.#spent, { usage, costUsd });
    if (!status) return;
    this.#status = status;
    this.#text = text;
  }

  /** Takes the answer and the session from an event, for agents whose result does not have them. */
  see({ type, role, text, sessionId }: AgentEvent): void {
    if (type === 'message' && role === 'assistant') this.#answer = text;
    this.#sessionId = sessionId ?? this.#sessionId;
  }

  end(run: RunEnd): Draft {
    return { type: 'result', ...this.#statusAndText(run), ...this.#spent, sessionId: this.#sessionId };
  }

  #statusAndText(run: RunEnd): Required<Pick<Draft, 'status' | 'text'>> {
    const missing = this.#status ? '' : 'ended without a result';
    if (run.status === 'killed') return { status: 'killed', text: joined(endOf(run), missing) };
    if (this.#status === 'completed' && run.status === 'completed') {
      return { status: 'completed', text: this.#text || this.#answer };
    }
    if (this.#status === 'failed' && this.#text !== '') return { status: 'failed', text: this.#text };
    const how = run.status === 'failed' && !run.error ? exitText(run, english) : endOf(run);
    return { status: 'failed', text: joined(missing, run.status === 'completed' ? '' : how) };
  }
}

function endOf(run: RunEnd): string {
  return endText({ ...run, durationMs: null });
}
