import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Chat } from '../helpers/chat.ts';
import { useEditor } from '../helpers/editor.ts';
import { useScriptedModel } from '../helpers/scriptedModel/scriptedModel.ts';

/** VS Code's own agent, with a model whose answers are given here. */
describe('the chat agent', () => {
  const model = useScriptedModel();
  const editor = useEditor({ extensions: model.extensions, env: model.env });
  const input = { command: 'touch made', explanation: 'makes a file', goal: 'a file', mode: 'sync' };
  let chat: Chat;
  before(async () => {
    chat = new Chat(editor.workbench, model);
    await chat.open();
  });

  it('tells the model that a command may not be run', async () => {
    const conversation = await chat.ask('Please make the file.');
    const called = conversation.callTool('run_in_terminal', input);
    assert.match(await chat.question(), /touch made/);
    await chat.answer('Skip');
    assert.match(await called, /chose to skip/);
    await conversation.end('Skipped.');
    assert.ok(!existsSync(join(editor.workspace, 'made')));
  });

  it('runs a command when it is allowed to', async () => {
    const conversation = await chat.ask('Please make the file.');
    const called = conversation.callTool('run_in_terminal', input);
    await chat.question();
    await chat.answer('Allow');
    await called;
    await conversation.end('Done.');
    assert.match(await chat.response(), /Done\./);
    assert.ok(existsSync(join(editor.workspace, 'made')));
  });
});
