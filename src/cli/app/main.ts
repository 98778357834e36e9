import { packageVersion } from '../../bundles.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { ProcessContext } from './processContext.ts';
import { runCli } from './program.ts';

async function main(): Promise<void> {
  for (const sink of [process.stdout, process.stderr]) sink.on('error', leave);
  const context = new ProcessContext();
  process.exitCode = await runCli(context, packageVersion(), process.argv.slice(2));
  await context.dispose();
}

/** Nobody reads any more (`| head`), or what we write cannot be kept. */
function leave(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.brokenPipe);
  process.stderr.write(`bgjobs: What it has to say cannot be written: ${error.message}\n`);
  process.exit(exitCodes.failure);
}

void main();
