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

  /** All that is shown of a run that has written this. */
  const shown = (text: ChannelText, pieces: Chunk[], leftOut = none): string =>
    text.output(pieces, run, leftOut) + text.runEnd(run);
  const end = '[failed (exit code 3) after 1.5s]\n';

  it('is the output in its order, without terminal sequences, also those cut in one stream by the other', () => {
    const cut = chunks(['stdout', 'a\u001B[3'], ['stderr', '\u001B[31merr\n'], ['stdout', '2mb\n']);
    assert.equal(shown(new ChannelText(english), cut), `aerr\nb\n${end}`);
  });

  it('has a line when it has been quiet, and a bar that is redrawn when it has been for longer', () => {
    let now = 0;
    const text = new ChannelText(english, undefined, () => now);
    let all = text.output(chunks(['stdout', 'start\n'], ['stderr', '\r 1%\r 2%']), run, none);
    for (; now < 900; now += text.due().inMs!) all += text.due().text;
    assert.equal(all, 'start\n');
    text.output(chunks(['stderr', '\r99%']), run, none);
    for (let due = text.due(); due.inMs !== undefined; due = text.due()) {
      now += due.inMs;
      all += text.due().text;
    }
    assert.equal(all, 'start\n99%');
    assert.equal(shown(text, chunks(['stderr', '\r100%\n'])), `\n100%\n${end}`);
  });

  it('tells the end on a line of its own', () => {
    const text = new ChannelText(english);
    assert.equal(shown(text, chunks(['stdout', 'no line end'])), `no line end\n${end}`);
    assert.match(text.runStart(job, run), /^\[run 1, .*: make all\]\n$/);
  });

  it('begins with the command, its folder and when it started', () => {
    const text = new ChannelText(english, (path) => `(${path})`);
    assert.match(text.head(job, run), /^\$ make all {3}\(\(\/work\/shop\), started \d.*\)\n$/);
    const lines = text.head({ ...job, command: 'echo a\necho \u001Bb\n' }, run);
    assert.match(lines, /^\$ echo a\necho \\x1bb {3}\(/i);
  });

  it('says why there is none yet, or never will be', () => {
    const text = new ChannelText(english);
    assert.equal(text.notStarted(jobRecord('held', { runs: [] })), '[Not started: On hold]\n');
    assert.match(text.notStarted(jobRecord('cancelled', { runs: [] })), /^\[Canceled.*\]\n$/);
  });

  it('says what was skipped, and begins behind it with a whole line', () => {
    for (const half of ['alf a line\n', 'alf a line\r\n', ' of a bar\r']) {
      const cut = chunks(['stdout', `${half}whole\n`]);
      const skipped = 1024 - half.length;
      assert.equal(
        shown(new ChannelText(english), cut, { ...none, skipped }),
        `[1.0 KiB not shown. Use Open Logs to see everything.]\nwhole\n${end}`,
      );
    }
  });

  it("says what the job's limit has dropped", () => {
    const dropped = shown(new ChannelText(english), chunks(['stdout', 'x\n']), { ...none, dropped: 2048 });
    assert.equal(dropped, `[2.0 KiB dropped by the job's log limit]\nx\n${end}`);
  });
});

describe("The text of a coding agent's channel", () => {
  const job = jobRecord('completed', { exitCode: 0 });
  const run = job.runs[0]!;
  const none = { skipped: 0, dropped: 0 };

  function output(text: string, offset: number, stream: Chunk['stream'] = 'stdout'): Chunk[] {
    return [{ seq: 0, time: job.createdAt, stream, offset, length: Buffer.byteLength(text), text }];
  }

  it('is what the agent says and does, wherever the stream is cut, and what is on stderr', () => {
    const text = new AgentText(english, 'claude');
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
    const text = new AgentText(english, 'codex');
    text.output(output('{"type":"error","mess', 0), run, none);
    text.runStart(job, run);
    text.output(output('{"type":"error","message":"no"}\n', 0), run, none);
    assert.match(text.runEnd(run), /^! no\n= failed: .*\n\[.*\]\n$/);
  });
});
