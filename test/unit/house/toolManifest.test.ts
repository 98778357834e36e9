import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { section, settings } from '../../../src/extension/base/ids.ts';
import { jsonSchema } from '../../../src/agents/tools/tool.ts';
import { editorToolName, editorTools, toolNames, type EditorToolName } from '../../../src/agents/tools/names.ts';
import { tools } from '../../../src/agents/tools/main.ts';

const file = join(import.meta.dirname, '..', '..', '..', 'package.json');
const setting = `config.${section}.${settings.agentTools}`;
/** What starts or feeds a process; the rest works in an untrusted workspace too. */
const needTrust: readonly EditorToolName[] = ['start_job', 'send_job_input'];

/** A tool as the manifest has to offer it to the editor's agents. */
function contribution(name: EditorToolName): object {
  const { description, input, hints } = tools[name];
  const { reference, icon } = editorTools[name];
  const allowed = hints.readOnly ? `${setting} != none` : `${setting} == all`;
  return {
    name: editorToolName(name),
    displayName: `%tool.${name}.name%`,
    toolReferenceName: reference,
    canBeReferencedInPrompt: true,
    icon: `$(${icon})`,
    userDescription: `%tool.${name}.description%`,
    modelDescription: description,
    when: needTrust.includes(name) ? `isWorkspaceTrusted && ${allowed}` : allowed,
    inputSchema: jsonSchema(input),
  };
}

describe('The tools in the manifest', () => {
  const names = toolNames.filter((name) => name in editorTools) as EditorToolName[];

  it('are those that are defined (UPDATE_MANIFEST=1 writes them)', () => {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { contributes: { languageModelTools: object[] } };
    const expected = names.map(contribution);
    if (process.env['UPDATE_MANIFEST']) {
      manifest.contributes.languageModelTools = expected;
      writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    }
    assert.deepEqual(manifest.contributes.languageModelTools, expected);
  });

  it('are few, and begin with the words that people search for', () => {
    assert.ok(names.length <= 8);
    for (const name of names)
      assert.match(tools[name].description.split(/[.:]/, 1)[0] ?? '', /background job|background|clean up/i);
  });

  it('take what every model provider accepts', () => {
    const text = JSON.stringify(names.map((name) => jsonSchema(tools[name].input)));
    for (const word of ['oneOf', 'anyOf":[{"type":"object', '$ref', 'patternProperties', '"const"']) {
      assert.ok(!text.includes(word), word);
    }
  });
});
