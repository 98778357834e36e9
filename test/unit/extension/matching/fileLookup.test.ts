import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { FileLookup } from '../../../../src/extension/matching/fileLookup.ts';

describe('The file of a problem', () => {
  let folder: string;
  let files: FileLookup;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-lookup-'));
    files = new FileLookup(folder);
    for (const name of ['sub/a.c', 'sub/extra.c', 'deep/below/extra.c', 'deep/below/found.c', 'deep/found.h']) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), '');
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is where its matcher says', () => {
    const relative = { type: 'relative', folder: 'sub' } as const;
    const autodetect = { type: 'autodetect', folder: 'sub' } as const;
    assert.equal(files.find('a.c', relative), join(folder, 'sub/a.c'));
    assert.equal(files.find('../b.c', relative), join(folder, 'b.c'));
    assert.equal(files.find('/x/../a.c', relative), join('/a.c'));
    assert.equal(files.find('a.c', autodetect), join(folder, 'sub/a.c'));
    assert.equal(files.find('none.c', autodetect), join('/none.c'));
    assert.equal(files.find('x/a.c', { type: 'absolute' }), join('/x/a.c'));
    assert.equal(files.find('file:///x/a%20b.c', { type: 'absolute' }), join('/x/a b.c'));
  });

  it('may be written with backslashes, on every system', () => {
    assert.equal(files.find('sub\\a.c', { type: 'relative', folder }), join(folder, 'sub/a.c'));
    assert.equal(files.find('.\\sub\\..\\a.c', { type: 'relative', folder }), join(folder, 'a.c'));
  });

  it('is searched for in the folders that are included, without those that are excluded', async () => {
    const search = (name: string, include: string[], exclude: string[] = []) =>
      Promise.resolve(files.find(name, { type: 'search', include, exclude }));
    assert.equal(await search('found.c', [folder]), join(folder, 'deep/below/found.c'));
    assert.equal(await search('below/found.c', ['sub', 'deep']), join(folder, 'deep/below/found.c'));
    assert.equal(await search('found.c', ['sub']), join('/found.c'));
    assert.equal(await search('extra.c', [folder], ['sub']), join(folder, 'deep/below/extra.c'));
    // The end of a name is not the name.
    assert.equal(await search('ound.c', [folder]), join('/ound.c'));
    assert.equal(await search(join(folder, 'sub/a.c'), []), join(folder, 'sub/a.c'));
  });
});
