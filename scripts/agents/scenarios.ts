// What is tried with each agent, and what must come of it.
import type { Job } from '../../src/api/job.ts';
import { codingAgentNames } from '../../src/api/values.ts';
import type { ClientName } from './clients.ts';
import { agentEnds, agentKilled, continued, failing, killed, refused } from './endings.ts';
import { inFile, projections } from './projections.ts';
import { scripts, type Cell, type ScenarioName } from './scripts.ts';
import { firstLine, Session, type AgentEnd } from './session.ts';

const runLimitMs = 180_000;
const listed = 20;

/** What a model must read. */
interface Expected {
  /** Texts that must be there once. */
  once?: string[];
  some?: string[];
  /** Characters. */
  most?: number;
}

/** Runs all scenarios with an agent, one after the other. `done` is told of each. */
export async function runScenarios(
  name: ClientName,
  done: (scenario: ScenarioName, cell: Cell) => void,
): Promise<void> {
  await using session = await Session.open(name, { approve: true, scripts });
  const all = await toolCells(session);
  for (const [scenario, cell] of Object.entries(all)) done(scenario as ScenarioName, cell);
  done('agentEnds', await agentEnds(session));
  done('agentKilled', await agentKilled(session));
  done('refused', await refused(name));
  const hasAdapter = codingAgentNames.some((one) => one === name);
  for (const status of ['status401', 'status429', 'status500'] as const)
    done(status, await failing(session, status, hasAdapter));
  done('killed', await killed(session, hasAdapter));
  if (hasAdapter) done('continued', await continued(session));
}

/** Everything that one run of the agent shows. */
export async function toolCells(session: Session, script = 'tools'): Promise<Partial<Record<ScenarioName, Cell>>> {
  for (let number = 1; number <= listed && script === 'tools'; number++)
    await session.bgjobs(['run', '--json', '--', 'echo', `job ${number} of the list`]);
  const end = await session.run(script, runLimitMs);
  const seen = session.model.seen.filter((one) => one.script === script);
  const got = seen.reduce<string[]>((most, { results }) => (results.length > most.length ? results : most), []);
  const missing = seen.find((one) => one.missing)?.missing;
  const recorded = session.calls();
  const { jobs } = (await session.bgjobs(['list', '--json', '--limit', '100'])) as { jobs: Job[] };
  const newest = jobs.filter(({ argv }) => argv?.[0] === 'echo').map(({ shortId }) => shortId);

  const cell = (place: number, { once = [], some = [], most = Infinity }: Expected): Cell => {
    const text = got[place];
    const ms = recorded[place]?.ms;
    if (text === undefined) {
      const why = missing ? `the tool ${missing} is not offered` : `never asked; the agent ended with ${endText(end)}`;
      return { ok: false, said: why };
    }
    const times = (part: string) => text.split(part).length - 1;
    const wrong = [
      ...[...once, ...some].filter((part) => times(part) === 0).map((part) => `no ${part}`),
      ...once.filter((part) => times(part) > 1).map((part) => `${part} ${times(part)} times`),
      ...(text.length > most ? [`more than ${most} characters`] : []),
    ];
    return {
      ok: wrong.length === 0,
      said: [...wrong.slice(0, 3), firstLine(text)].join('; '),
      size: text.length,
      ...(ms !== undefined && { ms }),
    };
  };
  const toolsList = session
    .recorded()
    .find(({ from, message }) => from === 'server' && message.result && 'tools' in message.result);
  const size = JSON.stringify(toolsList?.message.result ?? {}).length;
  const toolsLength = Math.max(0, ...seen.map((one) => one.toolsLength));
  const cells = {
    start: cell(0, { once: ['first-42'] }),
    wait: cell(1, { once: ['last-42'] }),
    tools: {
      ok: toolsList !== undefined && size <= 25_000,
      said: `${size} bytes from the server; the model gets ${toolsLength} for all tools`,
      size: toolsLength,
    },
    projection: compare(session, got),
  };
  if (script !== 'tools') return cells;
  return {
    ...cells,
    output: cell(4, { once: ['line 099950', 'line 100000'] }),
    allOutput: cell(5, { once: ['line 100000'] }),
    list: cell(6, { some: newest.slice(0, listed - 2), most: 4500 }),
    kill: cell(8, { some: ['killed'] }),
  };
}

/** Whether the projection that the tests use tells what the model of this client really got. */
function compare(session: Session, got: string[]): Cell {
  const projection = projections[session.name];
  const different = session.calls().flatMap((call, place) => {
    const real = essence(got[place] ?? '');
    const assumed = essence(projection.of(call.result, call));
    if (real === inFile) return assumed.startsWith(inFile) ? [] : [call.name];
    return real.slice(0, 400) === assumed.slice(0, 400) && real.slice(-400) === assumed.slice(-400) ? [] : [call.name];
  });
  const of = `${session.calls().length - different.length} of ${session.calls().length} answers`;
  return {
    ok: different.length === 0 && got.length > 0,
    said: different.length === 0 ? of : `${of}; not ${different.join(', ')}`,
  };
}

/** Without what is new each time (the time taken, the place of a file), and without the words around what was cut. */
function essence(text: string): string {
  return text
    .replace(/^Wall time: [\d.]+ seconds\n/, '')
    .replace(/…\d+ tokens truncated…/, '…tokens truncated…')
    .replace(/^<persisted-output>[^]*?\nPreview[^\n]*\n([^]*)\n\.\.\.\n<\/persisted-output>$/, `${inFile}\n$1`)
    .replace(/^<system>The tool output is large[^]*$/, inFile)
    .replace(/^Output too large to read[^]*?\nPreview[^\n]*\n/, `${inFile}\n`)
    .replace(/^Output too large\. Showing [^\n]*\n/, '')
    .replace(/\n\n\.\.\.\d+ \w+ truncated\.\.\.\n[^]*$/, inFile);
}

function endText({ timedOut, code, signal, output }: AgentEnd): string {
  const why = timedOut ? 'its time limit' : (signal ?? `exit code ${code}`);
  return `${why}: ${firstLine(output.trim().split('\n').at(-1) ?? '')}`;
}
