import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { justRecipes } from '../../../../src/extension/start/justfile.ts';

describe('The recipes of a justfile', () => {
  const names = (text: string): string[] => justRecipes(text).map(({ name }) => name);
  const required = (line: string): string[] | undefined =>
    justRecipes(line)[0]?.required.map(({ name, several }) => (several ? `${name}…` : name));

  it('are found with their comments', () => {
    const text =
      '#!/usr/bin/env just\n\n# Build all of it\nbuild: deps\n  echo a: b\n\n@quiet:\n\n# Not of this one\n\nalone-1:\n';
    assert.deepEqual(justRecipes(text), [
      { name: 'build', description: 'Build all of it', required: [] },
      { name: 'quiet', description: '', required: [] },
      { name: 'alone-1', description: '', required: [] },
    ]);
  });

  it('are no settings, variables, aliases, imports and modules', () => {
    const text =
      'set shell := ["bash", "-c"]\nset dotenv-load\nversion := "1:2"\nexport KEY := if a == "b" { ":" } else { "c" }\n' +
      'alias b := build\nimport "x.just"\nmod tools\nmod? more "m: n"\nbuild:\n';
    assert.deepEqual(names(text), ['build']);
  });

  it('are not private', () => {
    assert.deepEqual(names('_helper:\n[private]\nhidden:\n[no-cd, private]\nhidden2:\nshown:\n'), ['shown']);
  });

  it('are those for this system', () => {
    const text = '[linux]\nopen:\n[windows]\nopen:\n[macos]\n[linux]\ntwo:\n[unix, group("windows")]\nthree:\nall:\n';
    const on = (platform: NodeJS.Platform): string[] => justRecipes(text, platform).map(({ name }) => name);
    assert.deepEqual(on('linux'), ['open', 'two', 'three', 'all']);
    assert.deepEqual(on('darwin'), ['two', 'three', 'all']);
    assert.deepEqual(on('win32'), ['open', 'all']);
  });

  it('may be in a group of any name', () => {
    assert.deepEqual(names("[group('private')]\nshown:\n"), ['shown']);
  });

  it('may be documented and grouped by attributes', () => {
    const [recipe] = justRecipes("# plain\n[group('lint')]\n[doc('Checks all')]\nlint:\n");
    assert.equal(recipe?.description, 'Checks all');
  });

  it('tell which parameters have to be given', () => {
    assert.deepEqual(required('deploy env version="1:2" $key region=(a + ":b" + f("x")):'), ['env', 'key']);
    assert.deepEqual(required("test target +files: build (prepare 'a: b')"), ['target', 'files…']);
    assert.deepEqual(required("run first *args='x y':"), ['first']);
    assert.deepEqual(required('run *args:'), []);
    assert.deepEqual(required('go dir=justfile_directory() out=`date +%H:%M` last=other:'), []);
  });

  it('are found behind texts of several lines', () => {
    assert.deepEqual(names('help := """\nfake: recipe\n"""\nscript := \'\'\'\nfake2:\n\'\'\'\nreal a \\\n  b:\n'), [
      'real',
    ]);
  });
});
