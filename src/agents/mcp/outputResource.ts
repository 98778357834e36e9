import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import type { JobService } from '../../api/endpoints.ts';
import { plainOutput } from '../tools/toolOutput.ts';
import { commandLine } from '../../text/grammar.ts';

const template = 'bgjobs://jobs/{id}/output';
/** A read returns this many bytes from the end of the log. */
const tailBytes = 65_536;
const listed = 50;

function outputUri(jobId: string): string {
  return template.replace('{id}', jobId);
}

/** @returns null for any other URI */
export function jobIdOf(uri: string): string | null {
  return /^bgjobs:\/\/jobs\/([0-9a-f-]{1,36})\/output$/i.exec(uri)?.[1] ?? null;
}

/** The end of each job's log, as a resource that a client can attach and subscribe to. */
export function addOutputResource(server: McpServer, service: JobService): void {
  server.registerResource(
    'job-output',
    new ResourceTemplate(template, {
      async list() {
        const { jobs } = await service.listJobs({ limit: listed });
        return {
          resources: jobs.map((job) => ({
            uri: outputUri(job.id),
            name: `output-${job.shortId}`,
            title: job.name ?? commandLine(job),
            mimeType: 'text/plain',
          })),
        };
      },
      complete: {
        async id(prefix) {
          const { jobs } = await service.listJobs({ limit: listed });
          return jobs.map(({ id }) => id).filter((id) => id.startsWith(prefix));
        },
      },
    }),
    {
      title: 'Output of a background job',
      description: 'The end of its log (64 KiB), as it is now',
      mimeType: 'text/plain',
    },
    async (uri, { id }) => {
      return { contents: [{ uri: uri.href, mimeType: 'text/plain', text: await tail(service, String(id)) }] };
    },
  );
}

async function tail(service: JobService, id: string): Promise<string> {
  const query = { tail: tailBytes };
  return plainOutput(await service.getOutput(id, { ...query, limit: tailBytes }), query);
}
