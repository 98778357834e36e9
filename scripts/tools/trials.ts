// Runs in a network namespace of its own: tries the tools that its command line names, and writes their rows.
import { install, prepare } from './installTool.ts';
import { Jobs } from './jobs.ts';
import { endProcessesHere } from './loopback.ts';
import { writeServer, writeWriter } from './page.ts';
import { servers, writers } from './tools.ts';
import { tryServer } from './serverTrial.ts';
import { tryWriter } from './writerTrial.ts';

/** For all of them. */
const limitMs = 60 * 60_000;

setTimeout(() => void end(1), limitMs);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void end(1));

let wrong = 0;
for (const name of process.argv.slice(2)) {
  using jobs = new Jobs();
  try {
    const isRight = await tryTool(jobs, name);
    if (!isRight) wrong++;
    console.log(`${isRight ? 'ok   ' : 'WRONG'} ${name}`);
  } catch (error) {
    wrong++;
    console.log(`WRONG ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  await endProcessesHere();
}
console.log(wrong === 0 ? '\nNothing is wrong.' : `\n${wrong} wrong`);
await end(wrong === 0 ? 0 : 1);

async function tryTool(jobs: Jobs, name: string): Promise<boolean> {
  const [server, writer] = [servers[name], writers[name]];
  const tool = server ?? writer!;
  const version = await install(tool);
  await prepare(tool);
  if (server) {
    const result = await tryServer(jobs, name, server);
    await writeServer(name, version, result);
    return result.isRight;
  }
  const results = [await tryWriter(jobs, writer!, false), await tryWriter(jobs, writer!, true)];
  await writeWriter(name, version, results);
  return results.every(({ differs }) => differs === '');
}

async function end(code: number): Promise<never> {
  await endProcessesHere();
  process.exit(code);
}
