import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** The baseline: only a process and its end. */
export async function spawnToEnd(script: string, stdio: StdioOptions = 'ignore'): Promise<void> {
  await once(spawn('sh', ['-c', script], { stdio }), 'exit');
}

/** What a host would do if the output passed through it. */
export async function spawnIntoStream(script: string, file: string): Promise<void> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await finished(child.stdout.pipe(createWriteStream(file)));
}
