import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AgentText, ChannelText } from '../../../../src/extension/output/channelText.ts';
import type { Chunk, Stream } from '../../../../src/api/output.ts';
import { recordedStream } from '../../../helpers/codingAgents.ts';
import { english, jobRecord } from '../jobs.ts';

describe('The text of a channel', () => {
  const job = jobRecord('failed', { exitCode: 3 });
  const run = job.runs[0]!;

  const none = { skipped: 0, dropped: 0 };
  const chunks = (...pieces: [Stream, string][]): Chunk[] =>
    pieces.map(([stream, text]) => ({ seq: 0, time: job.createdAt, stream, offset: 0, length: 0, text }));

  it('is the output in its order, without terminal sequences, also those cut in one stream by the other', () => {
    const text = new ChannelText(english);
    const cut = chunks(['stdout', 'a\u001B[3'], ['stderr', '\u001B[31merr\n'], ['stdout', '2mb\n']);
    assert.equal(text.output(cut, run, none), 'aerr\nb\n');
  });

  it('tells the end on a line of its own', () => {
    const text = new ChannelText(english);
    text.output(chunks(['stdout', 'no line end']), run, none);
    assert.equal(text.runEnd(run), '\n[failed (exit code 3) after 1.5s]\n');
    assert.match(text.runStart(job, run), /^\[run 1, .*: make all\]\n$/);
  });

  it('says what was skipped, and begins behind it with a whole line', () => {
    const text = new ChannelText(english);
    const skipped = text.output(chunks(['stdout', 'alf a line\nwhole\n']), run, { ...none, skipped: 1013 });
    assert.equal(skipped, `[1.0 KiB skipped; the full log is ${run.logs.stdout}, ${run.logs.stderr}]\nwhole\n`);
  });

  it("says what the job's limit has dropped", () => {
    const text = new ChannelText(english);
    const dropped = text.output(chunks(['stdout', 'x\n']), run, { ...none, dropped: 2048 });
    assert.equal(dropped, "[2.0 KiB dropped by the job's log limit]\nx\n");
  });
});

describe("The text of a coding agent's channel", () => {
  const job = jobRecord('completed', { exitCode: 0 });
  const run = job.runs[0]!;
  const none = { skipped: 0, dropped: 0 };

  function output(text: string, offset: number, stream: Chunk['stream'] = 'stdout'): Chunk[] {
    return [{ seq: 0, time: job.createdAt, stream, offset, length: Buffer.byteLength(text), text }];
  }

  it('is what it says and does, from wherever the stream is cut, and what is on stderr', () => {
    const text = new AgentText(new ChannelText(english), 'claude');
    const stream = recordedStream('claude').trimEnd();
    const half = Math.floor(stream.length / 2);
    const shown =
      text.output(output(stream.slice(0, half), 0), run, none) +
      text.output(output('a warning\n', 0, 'stderr'), run, none) +
      text.output(output(stream.slice(half), half), run, none) +
      text.runEnd(run);
    assert.match(shown, /^Claude Code 2\.1\.329, .*\n… First the tests\.\nI run the tests\.\n\$ npm test\n/);
    assert.match(shown, /^a warning$/m);
    assert.match(shown, /\n= completed, \$0\.13, 25 tokens in and 35 out\n\[.*\]\n$/);
  });

  it('begins anew with the next run', () => {
    const text = new AgentText(new ChannelText(english), 'codex');
    text.output(output('{"type":"error","mess', 0), run, none);
    text.runStart(job, run);
    assert.equal(text.output(output('{"type":"error","message":"no"}\n', 0), run, none), '! no\n');
  });
});
