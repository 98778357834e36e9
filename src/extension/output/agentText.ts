import { AgentEventReader } from '../../agents/coding/eventReader.ts';
import type { Job, Run } from '../../api/job.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { Output } from '../../api/output.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import type { RunText } from './outputFollower.ts';

/** The text of a coding agent's channel: what it says and does, instead of the JSON that it prints. */
export class AgentText implements RunText {
  readonly #text: RunText;
  readonly #agent: CodingAgentName;
  #reader: AgentEventReader;

  constructor(text: RunText, agent: CodingAgentName) {
    this.#text = text;
    this.#agent = agent;
    this.#reader = new AgentEventReader(agent);
  }

  output(output: Output, run: Run, skipped: number): string {
    const chunks = output.chunks.map((chunk) =>
      chunk.stream === 'stdout'
        ? { ...chunk, text: [...this.#reader.feed(chunk)].map(agentEventText).join('') }
        : chunk,
    );
    return this.#text.output({ ...output, chunks }, run, skipped);
  }

  runStart(job: Job, run: Run): string {
    this.#reader = new AgentEventReader(this.#agent);
    return this.#text.runStart(job, run);
  }

  runEnd(run: Run): string {
    const rest = [...this.#reader.end(run.finishedAt ?? run.startedAt ?? '')].map(agentEventText).join('');
    return rest + this.#text.runEnd(run);
  }
}
