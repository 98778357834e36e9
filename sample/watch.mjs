import { watch } from 'node:fs';
import { buildPage, names } from './site.mjs';

names().forEach(buildPage);
console.log('Waiting for changes in pages/ …');
watch(new URL('pages/', import.meta.url), (_event, file) => {
  const name = file?.replace(/\.md$/, '');
  if (!name || !names().includes(name)) return;
  buildPage(name);
  console.log(`${new Date().toLocaleTimeString()} built ${name}`);
});
