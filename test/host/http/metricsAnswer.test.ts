import assert from 'node:assert/strict';
import type { Metrics } from '../../../src/api/host.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

interface Sample {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** What a scraper reads. Each metric is announced once, with help and type, right before its samples. */
function parse(text: string): Sample[] {
  assert.ok(text.endsWith('\n'));
  let announced: string | undefined;
  const seen = new Set<string>();
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const help = /^# HELP (\w+) \S.*$/.exec(line);
    if (help) {
      announced = help[1] ?? '';
      assert.ok(!seen.has(announced), `${announced} is announced twice`);
      seen.add(announced);
      return [];
    }
    if (line.startsWith('#')) {
      assert.equal(line, `# TYPE ${announced} gauge`);
      return [];
    }
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    assert.equal(name, announced, line);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
    assert.equal(pairs.map(([pair]) => pair).join(''), labels);
    return [
      {
        name,
        labels: Object.fromEntries(pairs.map(([, label = '', raw]) => [label, unescaped(raw)] as const)),
        value: Number(value),
      },
    ];
  });
}

/** The escapes of a label are among those of JSON. */
function unescaped(raw = ''): string {
  return JSON.parse(`"${raw}"`) as string;
}

describe('the metrics of a host', () => {
  const host = useInProcessHost();
  const text = async (query = '?format=prometheus', headers = {}): Promise<string> => {
    const answer = await host.ask('GET', `/v1/metrics${query}`, { headers });
    assert.deepEqual(
      [answer.status, answer.headers['content-type']],
      [200, 'text/plain; version=0.0.4; charset=utf-8'],
    );
    return answer.body;
  };

  it('have the format of Prometheus', async () => {
    const session = 'a "quoted" \\ one,\nwith={a=b} lines';
    const start = { cwd: '/', session };
    const { job } = await host.client.startJob({ ...start, argv: ['true'] });
    await host.client.waitForJob(job.id);
    await host.client.startJob({ ...start, argv: ['sleep', '60'] });
    await host.client.startJob({ ...start, argv: ['true'], held: true });
    const samples = parse(await text());
    const value = (name: string, labels: Record<string, string> = {}): number | undefined => {
      const found = samples.filter(
        (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
      );
      assert.ok(found.length < 2, name);
      return found[0]?.value;
    };
    assert.deepEqual(
      ['completed', 'running', 'held', 'failed'].map((status) => value('bgjobs_jobs', { status })),
      [1, 1, 1, 0],
    );
    assert.deepEqual(
      ['running', 'waiting', 'finished'].map((state) => value('bgjobs_session_jobs', { session, state })),
      [1, 1, 1],
    );
    assert.deepEqual([value('bgjobs_concurrent_jobs'), value('bgjobs_concurrent_jobs_limit')], [1, 10]);
    assert.equal(value('bgjobs_queued_jobs'), 0);
    const json = JSON.parse((await host.ask('GET', '/v1/metrics')).body) as Metrics;
    assert.equal(value('bgjobs_execution_time_average_seconds'), Number(json.averageExecutionTime) / 1000);
    assert.equal(value('bgjobs_system_memory_total_bytes'), json.systemLoad.totalMemoryBytes);
    for (const minutes of ['1', '5', '15']) assert.ok(Number(value('bgjobs_system_load_average', { minutes })) >= 0);
    for (const { name } of samples) assert.match(name, /^bgjobs_[a-z_]+$/);
  });

  it('omit an unknown average', async () => {
    const samples = parse(await text());
    assert.deepEqual(
      samples.filter(({ name }) => name.includes('average_seconds')),
      [],
    );
  });

  it('are text or JSON, as the request says', async () => {
    const scraper = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1';
    for (const accept of ['text/plain', scraper]) parse(await text('', { accept }));
    for (const accept of ['*/*', 'application/json', 'application/json, text/plain, */*']) {
      const answer = await host.ask('GET', '/v1/metrics', { headers: { accept } });
      assert.equal(answer.headers['content-type'], 'application/json', accept);
    }
    const both = await host.ask('GET', '/v1/metrics?format=json', { headers: { accept: 'text/plain' } });
    assert.equal(both.headers['content-type'], 'application/json');
    assert.match((await host.refused('GET', '/v1/metrics?format=xml')).message, /format/);
  });
});
