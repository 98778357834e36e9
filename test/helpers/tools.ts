import assert from 'node:assert/strict';
import { BgJobsError } from '../../src/api/errors.ts';
import type { Job } from '../../src/api/job.ts';
import type { ToolName } from '../../src/agents/tools/names.ts';
import { failureText, type ToolAnswer, type ToolContext } from '../../src/agents/tools/tool.ts';
import { tools } from '../../src/agents/tools/main.ts';
import { useInProcessHost } from './inProcessHost.ts';

/** The tools for agents on a job host in this process, for each test of the enclosing describe block. */
export function useTools() {
  const server = useInProcessHost();

  function context(over: Partial<ToolContext> = {}): ToolContext {
    return {
      service: server.client,
      session: 'mine',
      cwd: server.home,
      start: {},
      signal: new AbortController().signal,
      maxWaitMs: 60_000,
      maxChars: 100_000,
      toolName: (name) => `x_${name}`,
      offers: () => true,
      ...over,
    };
  }

  function call(name: ToolName, input: unknown, over?: Partial<ToolContext>): Promise<ToolAnswer> {
    return tools[name].call(input, context(over));
  }

  async function refusal(name: ToolName, input: unknown, over?: Partial<ToolContext>): Promise<string> {
    try {
      await tools[name].call(input, context(over));
    } catch (error) {
      assert.ok(error instanceof BgJobsError, String(error));
      return failureText(error);
    }
    assert.fail(`${name} was not refused`);
  }

  async function start(input: object): Promise<{ text: string; job: Job }> {
    const { text, job } = await call('start_job', input);
    assert.ok(job);
    return { text, job };
  }

  return { server, context, call, refusal, start };
}
