import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunner } from '../../../src/engine/launch/runner.ts';
import { StartFailure } from '../../../src/engine/launch/command.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { startRequest } from '../../../src/api/options.ts';

/**
 * A program: starts runs in a folder with 0, 1, 2 … free descriptors left, until one succeeds, and prints what each came
 * to. To be run with a low limit of them.
 */
const folder = process.argv[2] ?? '';
const runner = new LocalRunner(createProcessTable());

async function start(): Promise<string> {
  const jobId = randomUUID();
  const directory = join(folder, jobId);
  mkdirSync(directory);
  const spec = startRequest.parse({ argv: ['true'], cwd: folder });
  try {
    await runner.start({ runId: `${jobId}.1`, jobId, directory, spec, baseEnv: process.env });
    return 'started';
  } catch (error) {
    return error instanceof StartFailure ? error.code : String(error);
  }
}

for (let free = 0, outcome = ''; outcome !== 'started' && free < 20; free++) {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // All are taken; some are given back.
    for (const descriptor of taken.splice(0, free)) closeSync(descriptor);
  }
  outcome = await start();
  for (const descriptor of taken) closeSync(descriptor);
  console.log(outcome);
}
