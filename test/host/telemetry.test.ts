import { MockOtlpServer } from '@elastic/mockotlpserver';
import assert from 'node:assert/strict';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

interface Span {
  name: string;
  spanId: string;
  traceId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code?: unknown; message?: string };
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface Traces {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

interface Metrics {
  resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[];
}

describe('telemetry', () => {
  const home = useHome();
  const spans: Span[] = [];
  const metrics: string[] = [];
  const collector = new MockOtlpServer({
    logLevel: 'error',
    services: ['http'],
    httpHostname: '127.0.0.1',
    httpPort: 0,
    onTrace: ({ resourceSpans }: Traces) =>
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans))),
    onMetrics: ({ resourceMetrics }: Metrics) =>
      metrics.push(
        ...resourceMetrics.flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap((one) => one.metrics.map(({ name }) => name)),
        ),
      ),
  });

  before(() => collector.start());
  after(() => collector.close());

  it('is off until a collector is named, and then sends a trace of each job, and metrics', async () => {
    assert.equal((await home.bgjobs(['host', 'telemetry'])).stdout, 'No telemetry is sent.\n');
    await home.ended((await home.run(['--name', 'before', '--', 'true'])).id);
    const url = String(collector.httpUrl);
    assert.equal((await home.bgjobs(['host', 'telemetry', url])).code, 0);
    const again = ['--retry', '1', '--retry-delay', '0s', '--at', '1s'];
    const job = await home.run(['--name', 'traced', ...again, '--', 'sh', '-c', 'sleep 0.1; exit 3']);
    await home.ended(job.id);
    // What has not been sent yet is sent when the host stops.
    await home.bgjobs(['host', 'stop']);
    const whole = await until('the trace is there', () => spans.find(({ name }) => name === 'traced'));
    const inside = spans.filter(({ parentSpanId }) => parentSpanId === whole.spanId);
    assert.deepEqual(inside.map(({ name }) => name).sort(), ['run 1', 'run 2', 'wait']);
    assert.ok(inside.every(({ traceId }) => traceId === whole.traceId));
    assert.ok(inside.every((span) => BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)));
    assert.match(whole.status?.message ?? '', /^failed \(exit code 3\)/);
    const id = whole.attributes.find(({ key }) => key === 'bgjobs.job.id');
    assert.equal(id?.value['stringValue'], job.id);
    assert.equal(
      spans.some(({ name }) => name === 'before'),
      false,
    );
    await until('metrics are there', () => (metrics.includes('bgjobs.run.duration') ? true : undefined));
    assert.ok(metrics.includes('bgjobs.jobs'));
    // The next host goes on.
    assert.equal((await home.bgjobs(['host', 'telemetry'])).stdout, `${url}\n`);
    assert.equal((await home.bgjobs(['host', 'telemetry', 'off'])).stdout, 'No telemetry is sent.\n');
  });

  it('refuses what is no URL', async () => {
    assert.match((await home.error(2, ['host', 'telemetry', 'ftp://x'])).message, /must be an http or https URL/);
  });
});
