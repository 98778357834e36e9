import assert from 'node:assert/strict';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs input', () => {
  const home = useHome();
  const cat = async (): Promise<string> => (await home.run(['--stdin', 'pipe', '--', 'cat'])).id;
  const printed = async (id: string): Promise<string> => {
    await home.ended(id);
    return (await home.bgjobs(['output', id, '--raw'])).stdout;
  };

  it('writes lines to a job, and the end', async () => {
    const id = await cat();
    assert.equal((await home.bgjobs(['input', id, 'one'])).code, 0);
    await home.json(['input', id, 'two\n']);
    await home.json(['input', id, '--no-newline', 'thr']);
    await home.json(['input', id, '--no-newline', 'ée', '--eof']);
    assert.equal(await printed(id), 'one\ntwo\nthrée');
  });

  it('closes the standard input without sending a text', async () => {
    const id = await cat();
    await home.json(['input', id, '--eof']);
    assert.equal(await printed(id), '');
  });

  it('forwards its own standard input as it is', async () => {
    const id = await cat();
    const input = 'a\nb ä 🙂'.repeat(20_000);
    await home.bgjobs(['input', id, '-', '--eof'], { input });
    assert.equal(await printed(id), input);
  });

  it('refuses a job without live input, an ended job, and a call without a text', async () => {
    const none = await home.run(['--', 'sleep', '600']);
    assert.equal((await home.error(4, ['input', none.id, 'x'])).code, 'invalid_state');
    const id = await cat();
    await home.json(['input', id, '--eof']);
    await home.ended(id);
    const { code } = await home.error(4, ['input', id, 'x']);
    assert.ok(['invalid_state', 'job_already_ended'].includes(code), code);
    assert.equal((await home.error(2, ['input', none.id])).code, 'invalid_request');
    assert.equal((await home.error(3, ['input', 'ffffffff-0000', 'x'])).code, 'job_not_found');
  });
});
