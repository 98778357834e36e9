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

/** The reader has closed the pipe (`| head`), or the output cannot be written. */
function leave(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.brokenPipe);
  process.stderr.write(`bgjobs: cannot write the output: ${error.message}\n`);
  process.exit(exitCodes.failure);
}

void main();
