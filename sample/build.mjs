// Slower than it needs to be, so that there is something to watch.
import { setTimeout } from 'node:timers/promises';
import { buildPage, names } from './site.mjs';

for (const name of names()) {
  await setTimeout(1000);
  buildPage(name);
  console.log(`\x1b[32m✔\x1b[0m dist/${name}.html`);
}
console.log(`Built ${names().length} pages.`);
