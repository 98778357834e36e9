import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ChannelText } from '../../../../src/extension/output/channelText.ts';
import type { Output, Stream } from '../../../../src/api/output.ts';
import { english, jobRecord } from '../jobs.ts';

describe('The text of a channel', () => {
  const job = jobRecord('failed', { exitCode: 3 });
  const run = job.runs[0]!;

  function output(pieces: [Stream, string][], changes: Partial<Output> = {}): Output {
    const chunks = pieces.map(([stream, text]) => ({
      seq: 0,
      time: job.createdAt,
      stream,
      offset: 0,
      length: 0,
      text,
    }));
    return { chunks, next: 0, droppedBytes: 0, status: 'running', more: false, ...changes };
  }

  it('is the output in its order, without terminal sequences, also those cut in one stream by the other', () => {
    const text = new ChannelText(english);
    const pieces: [Stream, string][] = [
      ['stdout', 'a\u001B[3'],
      ['stderr', '\u001B[31merr\n'],
      ['stdout', '2mb\n'],
    ];
    assert.equal(text.output(output(pieces), run, 0), 'aerr\nb\n');
  });

  it('tells the end on a line of its own', () => {
    const text = new ChannelText(english);
    text.output(output([['stdout', 'no line end']]), run, 0);
    assert.equal(text.runEnd(run), '\n[exited 3 after 1.5s]\n');
    assert.match(text.runStart(job, run), /^\[run 1, .*: make all\]\n$/);
  });

  it('says what was skipped, and begins behind it with a whole line', () => {
    const text = new ChannelText(english);
    const skipped = text.output(output([['stdout', 'alf a line\nwhole\n']]), run, 1013);
    assert.equal(skipped, `[1.0 KiB skipped; the full log is ${run.logs.stdout}, ${run.logs.stderr}]\nwhole\n`);
  });

  it("says what the job's limit has dropped", () => {
    const text = new ChannelText(english);
    const dropped = text.output(output([['stdout', 'x\n']], { droppedBytes: 2048 }), run, 0);
    assert.equal(dropped, "[2.0 KiB dropped by the job's log limit]\nx\n");
  });
});
