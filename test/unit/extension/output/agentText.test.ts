import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AgentText } from '../../../../src/extension/output/agentText.ts';
import { ChannelText } from '../../../../src/extension/output/channelText.ts';
import type { Chunk, Output } from '../../../../src/api/output.ts';
import { recordedStream } from '../../../helpers/codingAgents.ts';
import { english, jobRecord } from '../jobs.ts';

describe("The text of a coding agent's channel", () => {
  const job = jobRecord('completed', { exitCode: 0 });
  const run = job.runs[0]!;

  function output(text: string, offset: number, stream: Chunk['stream'] = 'stdout'): Output {
    const chunk = { seq: 0, time: job.createdAt, stream, offset, length: Buffer.byteLength(text), text };
    return { chunks: [chunk], next: 0, droppedBytes: 0, status: 'running', more: false };
  }

  it('is what it says and does, from wherever the stream is cut, and what is on stderr', () => {
    const text = new AgentText(new ChannelText(english), 'claude');
    const stream = recordedStream('claude').trimEnd();
    const half = Math.floor(stream.length / 2);
    const shown =
      text.output(output(stream.slice(0, half), 0), run, 0) +
      text.output(output('a warning\n', 0, 'stderr'), run, 0) +
      text.output(output(stream.slice(half), half), run, 0) +
      text.runEnd(run);
    assert.match(shown, /^Claude Code 2\.1\.329, .*\n… First the tests\.\nI run the tests\.\n\$ npm test\n/);
    assert.match(shown, /^a warning$/m);
    assert.match(shown, /\n= completed, 0\.13 \$, 25 tokens in and 35 out\n\[.*\]\n$/);
  });

  it('begins anew with the next run', () => {
    const text = new AgentText(new ChannelText(english), 'codex');
    text.output(output('{"type":"error","mess', 0), run, 0);
    text.runStart(job, run);
    assert.equal(text.output(output('{"type":"error","message":"no"}\n', 0), run, 0), '! no\n');
  });
});
