import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { scriptPlaces } from '../../../../src/extension/start/scriptPlaces.ts';

describe('The places of scripts', () => {
  const at = (file: string, text: string): [string, number][] =>
    scriptPlaces(`/project/${file}`, text).map(({ name, line }) => [name, line]);

  it('are the lines of a package.json on which they are named, also while it is edited', () => {
    const text = '{\n  "name": "shop",\n  "scripts": {\n    "build": "tsc",\n    "test": "mocha"\n  }\n}\n';
    assert.deepEqual(at('package.json', text), [
      ['build', 3],
      ['test', 4],
    ]);
    assert.deepEqual(at('package.json', text.replace('"tsc",', '"tsc')).slice(0, 1), [['build', 3]]);
    assert.deepEqual(at('package.json', '{ "scripts": "none" }'), []);
    assert.deepEqual(at('deno.jsonc', '{\n  // all\n  "tasks": { "run": "x" },\n}'), [['run', 2]]);
  });

  it('are the first rules of targets, whatever stands before the colon', () => {
    const text = [
      'CC := cc',
      '.PHONY: all',
      'all clean: build ## Everything',
      '\techo "a: b"',
      'build::',
      '\t@true',
      'all: more',
      '%.o: %.c',
      'more:',
    ];
    assert.deepEqual(at('Makefile', text.join('\n')), [
      ['all', 2],
      ['clean', 2],
      ['build', 4],
      ['more', 8],
    ]);
  });

  it('are the recipes of just, without its settings and variables', () => {
    const text = [
      'set shell := ["bash", "-c"]',
      'version := "1"',
      'alias b := build',
      '@build target="all" *rest: check',
      '  echo {{target}}',
      'check:',
      '  true',
      '_hidden:',
    ];
    assert.deepEqual(at('justfile', text.join('\n')), [
      ['build', 3],
      ['check', 5],
    ]);
  });

  it('are the processes of a Procfile, and none of other files', () => {
    assert.deepEqual(at('Procfile', '# all\nweb: node server.js\nworker: node worker.js\n'), [
      ['web', 1],
      ['worker', 2],
    ]);
    assert.deepEqual(at('README.md', 'web: node server.js\n'), []);
  });
});
