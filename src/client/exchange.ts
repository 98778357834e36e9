import { Agent, request, type AgentOptions, type ClientRequest, type IncomingMessage } from 'node:http';
import type { HostRecord } from '../dataDir/dataDir.ts';
import { answeredError, headersFor, readText, type Question } from './question.ts';

/** Keeps connections and uses them again. */
export function newAgent(): Agent {
  // A name of a server for TLS, which there is none here: Node would look whether `localhost` is an address of IPv6.
  return new Agent({ keepAlive: true, servername: '' } as AgentOptions);
}

/**
 * Sends a request and returns the answer, with its body still to be read.
 * @param onRequest receives the request, so that it can be aborted
 * @throws BgJobsError what the host answered with; or the error of the connection, see {@link wasNotProcessed}
 */
export async function exchange(
  host: HostRecord,
  agent: Agent,
  question: Question,
  onRequest?: (request: ClientRequest) => void,
): Promise<IncomingMessage> {
  const { method, path, body, signal } = question;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({
      socketPath: host.endpoint,
      agent,
      method,
      path,
      headers: headersFor(host, question),
      ...(signal && { signal }),
    });
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    onRequest?.(outgoing);
    outgoing.end(body);
  });
  if (answer.statusCode !== undefined && answer.statusCode < 400) return answer;
  throw answeredError(answer.statusCode, await readText(answer));
}
