import assert from 'node:assert/strict';
import { agentStart } from '../../../../src/agents/coding/commandLine.ts';
import type { CodingAgentName, CodingAgentOption } from '../../../../src/api/options.ts';

const prompt = '--help "it"\n$(now)';

function argv(name: CodingAgentName, given: Partial<CodingAgentOption> = {}): string[] {
  return agentStart({ name, prompt, arguments: [], ...given }, 'new-session').argv;
}

describe('the command line of a coding agent', () => {
  it('asks for JSON lines and gives the prompt as one argument that cannot be taken for an option', () => {
    const claude = ['claude', '-p', '--output-format', 'stream-json', '--verbose', '--', prompt];
    assert.deepEqual(argv('claude'), claude);
    assert.deepEqual(argv('codex'), ['codex', 'exec', '--json', '--', prompt]);
    const copilot = ['copilot', '--output-format=json', '--session-id=new-session', `--prompt=${prompt}`];
    assert.deepEqual(argv('copilot'), copilot);
  });

  it('places the model, the session and more options where the program accepts them', () => {
    const given = { model: 'm', sessionId: 's', arguments: ['--allow', 'x'] };
    const claude = ['--resume', 's', '--model', 'm', '--allow', 'x', '--', prompt];
    assert.deepEqual(argv('claude', given).slice(5), claude);
    assert.deepEqual(argv('codex', given).slice(3), ['--model', 'm', '--allow', 'x', 'resume', 's', '--', prompt]);
    const copilot = ['--resume=s', '--model', 'm', '--allow', 'x', `--prompt=${prompt}`];
    assert.deepEqual(argv('copilot', given).slice(2), copilot);
    for (const name of ['gemini', 'qwen'] as const) {
      assert.deepEqual(argv(name, given), [
        name,
        '--output-format',
        'stream-json',
        '--resume',
        's',
        ...copilot.slice(1),
      ]);
    }
    for (const name of ['opencode', 'kilo'] as const) {
      assert.deepEqual(argv(name, given), [name, 'run', '--format', 'json', '--session', 's', ...claude.slice(2)]);
    }
    assert.deepEqual(argv('cline', { model: 'm', arguments: given.arguments }), [
      'cline',
      '--json',
      ...claude.slice(2),
    ]);
    assert.throws(() => argv('cline', given), /only in its own interface \(`cline --id s`\)/);
  });

  it('gives Copilot a session id, so that it is known before the end', () => {
    const given = { name: 'copilot' as const, prompt, arguments: [] };
    assert.equal(agentStart(given, 'new-session').codingAgent.sessionId, 'new-session');
    assert.equal(agentStart({ ...given, sessionId: 's' }, 'new-session').codingAgent.sessionId, 's');
  });
});
