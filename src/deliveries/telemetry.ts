import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT, type Context, type Span } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { JobService } from '../api/endpoints.ts';
import type { JobEvent } from '../api/events.ts';
import type { Job, Run } from '../api/job.ts';
import { isFailure } from '../api/values.ts';
import { wholeEndText } from '../text/endText.ts';
import { jobTitle } from '../text/grammar.ts';
import { isEnd, isTriedAgain } from './finalEnd.ts';

export interface TelemetryDeps {
  readonly service: Pick<JobService, 'events' | 'getEvents' | 'getMetrics'>;
  /** Base URL of a collector that takes OTLP over HTTP, for example http://localhost:4318. */
  readonly endpoint: string;
  readonly version: string;
  readonly warn: (message: string) => void;
}

/** Between two exports of metrics. Milliseconds. */
const intervalMs = 60_000;

/**
 * Sends a trace of each job when it has ended, and metrics once a minute, by OTLP over HTTP in JSON. OTEL_EXPORTER_OTLP_HEADERS
 * of the job host is sent along. What the collector does not take is lost.
 */
export class Telemetry {
  readonly #deps: TelemetryDeps;
  readonly #closing = new AbortController();
  readonly #traces: TracerProvider;
  readonly #metrics: MeterProvider;
  readonly #following: Promise<void>;

  constructor(deps: TelemetryDeps) {
    this.#deps = deps;
    const resource = resourceFromAttributes({ 'service.name': 'background-jobs', 'service.version': deps.version });
    const base = deps.endpoint.replace(/\/+$/, '');
    const spans = new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${base}/v1/traces` }) });
    const metrics = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
      exportIntervalMillis: intervalMs,
    });
    this.#traces = new TracerProvider({ resource, spanProcessors: [spans] });
    this.#metrics = new MeterProvider({ resource, readers: [metrics] });
    this.#measure();
    this.#following = this.#follow();
  }

  /** Sends what is there first. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#following;
    await Promise.allSettled([this.#traces.shutdown(), this.#metrics.shutdown()]);
  }

  #measure(): void {
    const meter = this.#metrics.getMeter('background-jobs');
    const jobs = meter.createObservableGauge('bgjobs.jobs', { unit: '{job}', description: 'Jobs by status' });
    jobs.addCallback(async (result) => {
      const { byStatus } = await this.#deps.service.getMetrics();
      for (const [status, count] of Object.entries(byStatus)) result.observe(count, { 'bgjobs.job.status': status });
    });
  }

  async #follow(): Promise<void> {
    const { service, warn } = this.#deps;
    const { signal } = this.#closing;
    const meter = this.#metrics.getMeter('background-jobs');
    const durations = meter.createHistogram('bgjobs.run.duration', {
      unit: 's',
      description: 'Duration of jobs that ended',
    });
    try {
      for await (const event of service.events({}, signal)) {
        const { job } = event;
        if (!job || job.task !== null || !isEnd(event) || (await isTriedAgain(service, event))) continue;
        this.#trace(job, event);
        const attributes = { 'bgjobs.job.status': event.to ?? '', 'bgjobs.session': job.session };
        if (job.durationMs !== null) durations.record(job.durationMs / 1000, attributes);
      }
    } catch (error) {
      if (!signal.aborted) warn(`No more telemetry is sent until the job host is restarted: ${String(error)}`);
    }
  }

  /** A span for the whole job, and in it one for each run, and for the time before the first. */
  #trace(job: Job, { time, to }: JobEvent): void {
    const tracer = this.#traces.getTracer('background-jobs', this.#deps.version);
    const start = (
      name: string,
      startTime: string,
      context: Context,
      attributes: Record<string, string | number>,
    ): Span => tracer.startSpan(name, { kind: SpanKind.INTERNAL, startTime: new Date(startTime), attributes }, context);
    const whole = start(jobTitle(job), job.createdAt, ROOT_CONTEXT, {
      'bgjobs.job.id': job.id,
      'bgjobs.session': job.session,
      'bgjobs.job.status': to ?? '',
      'process.working_directory': job.cwd,
      ...(job.exitCode !== null && { 'process.exit.code': job.exitCode }),
    });
    const inside = trace.setSpan(ROOT_CONTEXT, whole);
    const runs = job.runs.flatMap((run) => (run.startedAt === null ? [] : [{ ...run, startedAt: run.startedAt }]));
    const [first] = runs.map(({ startedAt }) => startedAt).sort();
    if (first !== undefined && first > job.createdAt) start('wait', job.createdAt, inside, {}).end(new Date(first));
    for (const run of runs) {
      const span = start(`run ${run.number}`, run.startedAt, inside, attributesOf(run));
      setStatus(span, run);
      span.end(new Date(run.finishedAt ?? time));
    }
    setStatus(whole, job);
    whole.end(new Date(job.finishedAt ?? time));
  }
}

function attributesOf({ runId, status, exitCode }: Run): Record<string, string | number> {
  return {
    'bgjobs.run.id': runId,
    'bgjobs.run.status': status,
    ...(exitCode !== null && { 'process.exit.code': exitCode }),
  };
}

function setStatus(span: Span, of: Job | Run): void {
  if (isFailure(of.status)) span.setStatus({ code: SpanStatusCode.ERROR, message: wholeEndText(of) });
  else if (of.status === 'completed') span.setStatus({ code: SpanStatusCode.OK });
}
