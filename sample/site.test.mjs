import assert from 'node:assert/strict';
import { test } from 'node:test';
import { links, names } from './site.mjs';

for (const name of names()) {
  test(`the links of ${name} lead to pages`, () => {
    for (const target of links(name)) assert.ok(names().includes(target), `there is no page named ${target}`);
  });
}
