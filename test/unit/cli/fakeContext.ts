import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import type { Context } from '../../../src/cli/base/context.ts';
import { runCli } from '../../../src/cli/app/program.ts';
import type { JobService } from '../../../src/api/endpoints.ts';

export interface FakeResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `bgjobs` in this process, with a service that can do what is given and nothing else. */
export async function runFake(
  args: readonly string[],
  service: Partial<JobService> = {},
  options: Partial<Pick<Context, 'env' | 'cwd' | 'stdin'>> = {},
): Promise<FakeResult> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const context: Context = {
    env: {},
    cwd: '/work',
    stdin: Readable.from([]),
    ...options,
    stdout,
    stderr,
    connect: () => Promise.resolve(service as JobService),
    stayConnected: () => Promise.resolve(service as JobService),
    events: () => assert.fail('not here'),
    hostStatus: () => assert.fail('not here'),
    stopHost: () => assert.fail('not here'),
    exitCode: 0,
  };
  const texts = Promise.all([textOf(stdout), textOf(stderr)]);
  const code = await runCli(context, '1.2.3', args);
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { code, stdout: out, stderr: err };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
