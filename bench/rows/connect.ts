import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stopHost } from '../../src/client/hostControl.ts';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { withFolder } from '../benchHost.ts';
import { canMeasureProcesses, residentMegabytes } from '../processUsage.ts';
import { inTurn, pairedRatio, spread, timed } from '../statistics.ts';

const rounds = effort(15, 3);
const calls = 20;

/** Measures what an agent waits for at its start, and the memory of its server. */
export function connect({ dist }: Context): Promise<Outcome> {
  const cli = join(dist, 'cli.js');
  return withFolder(async (home) => {
    const { ours, bare } = await inTurn(rounds, {
      ours: () => initialized(cli, home),
      bare: () => timed(() => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')),
    });
    const ratio = pairedRatio(ours, bare);
    const rows: Row[] = [
      {
        what: 'bgjobs mcp: initialize, whole process',
        ours: spread(ours, ' ms', 0),
        peer: spread(bare, ' ms', 0),
        ratio,
        reach: atMost(ratio, 1.5, '×'),
      },
    ];
    if (canMeasureProcesses) {
      const megabytes = await memory(cli, home);
      const what = `bgjobs mcp: memory after tools/list and ${calls} calls`;
      rows.push({ what, ours: `${megabytes.toFixed(1)} MB`, reach: atMost(megabytes, 70, ' MB') });
    }
    return { rows, notes: ['bgjobs mcp: from the spawn to the first answer; the peer is all of `node -e 0`.'] };
  });
}

const request = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};

async function initialized(cli: string, home: string): Promise<number> {
  const env = { ...process.env, BGJOBS_HOME: home };
  const started = performance.now();
  const child = spawn(process.execPath, [cli, 'mcp'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`${JSON.stringify(request)}\n`);
  await once(child.stdout, 'data');
  const ms = performance.now() - started;
  child.stdin.end();
  await once(child, 'exit');
  return ms;
}

/** Of a server with a client that has listed the tools, started a job and read its output many times. */
async function memory(cli: string, home: string): Promise<number> {
  const env = { ...process.env, BGJOBS_HOME: home } as Record<string, string>;
  const transport = new StdioClientTransport({ command: process.execPath, args: [cli, 'mcp'], env });
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  try {
    await client.listTools();
    await client.callTool({ name: 'start_job', arguments: { command: 'echo hello', name: 'one' } });
    for (let call = 0; call < calls; call++) await client.callTool({ name: 'list_jobs', arguments: {} });
    return residentMegabytes(transport.pid ?? NaN);
  } finally {
    await client.close();
    await stopHost({ home });
  }
}
