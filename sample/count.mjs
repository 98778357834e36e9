import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { to: { type: 'string', default: '10' } } });

for (let number = 1; number <= Number(values.to); number++) {
  console.log(number);
  await setTimeout(1000);
}
