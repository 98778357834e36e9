import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { mcpBundle } from '../../bundles.ts';
import type * as Mcp from '../../agents/mcp/main.ts';
import type { Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';

export function addMcp(program: Command, context: Context): void {
  program
    .command('mcp')
    .summary('serve the tools to an agent, by MCP on stdin and stdout')
    .description(
      'Serve the jobs as tools to an agent, by the Model Context Protocol on stdin and stdout, until stdin ends. ' +
        'Not for people: name it in the configuration of the agent.',
    )
    .option('--session <name>', "the group of its jobs ($BGJOBS_SESSION, or the folder's name)")
    .option('--cwd <folder>', 'where its jobs run (this one)')
    .addHelpText('after', help)
    .action((options: Options) => serve(context, options));
}

interface Options {
  session?: string;
  cwd?: string;
}

async function serve(context: Context, options: Options): Promise<void> {
  const { createClient } = await import('../../client/connect.ts');
  const { serveMcpOnStdio } = (await import(mcpBundle)) as typeof Mcp;
  const cwd = resolve(context.cwd, options.cwd ?? '.');
  const session = options.session ?? (context.env['BGJOBS_SESSION'] || basename(cwd) || 'mcp');
  // The job host is started by the first tool that needs it.
  const service = createClient({ start: true });
  const report = (error: Error): void => void context.stderr.write(`bgjobs mcp: ${error.message}\n`);
  await serveMcpOnStdio({ service, session, cwd, start: { inheritEnv: definedOnly(context.env) } }, report);
  service.dispose();
}

const help = `
Example, for an agent that reads .mcp.json:
  {"mcpServers": {"background-jobs": {"command": "bgjobs", "args": ["mcp"]}}}
`;
