import { join } from 'node:path';
import { top } from '../../scripts/editor/places.ts';
import { useEditor } from '../helpers/editor.ts';

/** An extension whose tasks do not come keeps the editor from answering for any. */
describe('the start command, while a provider of tasks does not answer', () => {
  const editor = useEditor({
    extensions: [top, join(top, 'test', 'fixtures', 'slowTasks')],
    files: {
      'package.json': JSON.stringify({ scripts: { hello: 'echo hello' } }),
      'app/Makefile': 'all:\n\t@echo made\n',
    },
  });

  it('offers what the workspace names, and starts it', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.quickInput.pick(/make all/);
    await workbench.openContainer('Background Jobs');
    await workbench.tree('Jobs').waitForRow('all', ({ icon }) => icon === 'pass');
    await workbench.tree('Scripts & Templates').waitForRow('hello');
  });
});
