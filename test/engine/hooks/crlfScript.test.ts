import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import { failure } from '../../helpers/engine/engineFixture.ts';

describe('a script from Windows', () => {
  const remedy = 'has CRLF line ends; save it with LF, for example with dos2unix';

  async function scriptWith(text: string): Promise<EngineFixture> {
    const test = await EngineFixture.open();
    writeFileSync(test.path('script.sh'), text);
    chmodSync(test.path('script.sh'), 0o755);
    return test;
  }

  it('is not started when its first line names a program that does not exist', async () => {
    await using test = await scriptWith('#!/bin/sh\r\necho hello\r\n');
    const { status, error } = await test.ended(await test.start({ argv: ['./script.sh'] }));
    const message = `./script.sh cannot run. The program "/bin/sh\\r" in its first line does not exist. It ${remedy}.`;
    assert.deepEqual([status, error], ['failed', { code: 'command_not_found', message }]);
  });

  for (const request of [
    { argv: ['sh', 'script.sh', 'argument'] },
    { argv: ['/bin/sh', '-e', 'script.sh'] },
    { command: 'sh script.sh' },
    { command: './script.sh --now' },
  ]) {
    it(`says so after it has failed: ${request.command ?? request.argv.join(' ')}`, async () => {
      await using test = await scriptWith('#!/usr/bin/env sh\r\nls\r\n');
      const { status, reasonText } = await test.ended(await test.start(request));
      const name = request.command?.startsWith('.') ? './script.sh' : 'script.sh';
      assert.deepEqual([status, reasonText], ['failed', `${name} ${remedy}`]);
    });
  }

  it('says nothing about scripts that end well, or whose lines end with LF', async () => {
    for (const [text, status] of [
      ['exit #\r\n', 'completed'],
      ['exit 127\n', 'failed'],
    ]) {
      await using test = await scriptWith(text ?? '');
      const job = await test.ended(await test.start({ argv: ['sh', 'script.sh'] }));
      assert.deepEqual([job.status, job.reasonText], [status, null]);
    }
  });

  it('is refused as a shell line', async () => {
    await using test = await EngineFixture.open();
    for (const command of ['echo a\r\necho b\r\n', 'echo a\r\necho b\r', 'echo a\r\necho b']) {
      await assert.rejects(
        test.start({ command }),
        failure('invalid_request', /^command: its lines end with CRLF, .* Give it with LF\.$/),
      );
    }
    const { exitCode } = await test.ended(await test.start({ command: "[ 'a\r\nb' = \"$(printf 'a\\r\\nb')\" ]\n" }));
    assert.equal(exitCode, 0, 'text with both kinds of line ends is left as it is');
  });
});

describe('a script whose program does not exist', () => {
  it('is not started, and the program is named', async () => {
    await using test = await EngineFixture.open();
    writeFileSync(test.path('script'), '#!/usr/bin/python-1.5 -u\n');
    chmodSync(test.path('script'), 0o755);
    const { error } = await test.ended(await test.start({ argv: [test.path('script')] }));
    const [code, message] = [error?.code, error?.message ?? ''];
    assert.equal(code, 'command_not_found');
    assert.match(message, /cannot run\. The program "\/usr\/bin\/python-1\.5" in its first line does not exist\.$/);
  });
});
