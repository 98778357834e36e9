import assert from 'node:assert/strict';
import { compileLinePattern } from '../../../../src/engine/output/readOutput.ts';
import { OutputTracker } from '../../../../src/engine/output/outputTracker.ts';
import { waitForPattern } from '../../../../src/engine/output/readOutput.ts';
import { OutputFixture, Writer } from '../../../helpers/engine/outputFixture.ts';

const quiet = { onDropped: () => undefined, onUnlimited: () => undefined, onFailure: () => undefined };

describe('waitForPattern', () => {
  let fixture: OutputFixture;
  let tracker: OutputTracker;
  let abort: AbortController;
  beforeEach(() => {
    fixture = new OutputFixture();
    tracker = new OutputTracker(fixture.index, quiet);
    abort = new AbortController();
    tracker.track(fixture.logs);
  });
  afterEach(async () => {
    await tracker.dispose();
    fixture.dispose();
  });

  const waitFor = async (text: string): Promise<string | undefined> => {
    const pattern = await compileLinePattern(text);
    const match = await waitForPattern({ ...fixture.output(false), growth: tracker }, pattern, abort.signal);
    return match?.text;
  };

  it('finds what was written before', async () => {
    fixture.write('stderr', 'zero\none\ntwo\n', false);
    tracker.observe(1);
    assert.equal(await waitFor('^t'), 'two');
  });

  it('finds a line that comes later, without its colours', async () => {
    const writer = new Writer(
      fixture.logs,
      "read a; printf 'x\\n\\033[32mListening\\033[0m on port 80'; printf '80\\n'; read b",
    );
    const found = waitFor('^Listening on port 8080$');
    writer.step();
    assert.equal(await found, 'Listening on port 8080');
    await writer.ended();
  });

  it('finds a prompt, which has no newline, and words that come in two pieces', async () => {
    const writer = new Writer(fixture.logs, "printf 'Pass'; read a; printf 'word: '; read b");
    await waitFor('Pass');
    const found = waitFor('Password: $');
    writer.step();
    assert.equal(await found, 'Password: ');
    await writer.ended();
  });

  it('gives up when the run ends without it', async () => {
    const found = waitFor('never');
    fixture.write('stdout', 'something else', false);
    tracker.finish(1);
    assert.equal(await found, undefined);
  });

  it('finds what the run wrote last', async () => {
    const found = waitFor('last');
    fixture.write('stdout', 'the last words', false);
    tracker.finish(1);
    assert.equal(await found, 'the last words');
  });

  it('gives up when it is aborted', async () => {
    const found = waitFor('never');
    abort.abort();
    assert.equal(await found, undefined);
  });
});
