// The channel of a job without its editor: `node look.ts HOME JOB` shows the job as an output channel does, and discards
// the text. It prints `following`, and at the end of the run how much CPU it has used since then (seconds).
import { connect } from '../src/client/apiClient.ts';
import { ChannelText } from '../src/extension/output/channelText.ts';
import { OutputFollower } from '../src/extension/output/outputFollower.ts';

const [home = '', jobId = ''] = process.argv.slice(2);
const client = await connect({ home, start: false });
const follower = new OutputFollower({
  jobId,
  service: () => client,
  text: new ChannelText((text) => text),
  pace: { appendBytes: 65_536, mostBehind: 1_048_576 },
  append: () => undefined,
  ended: () => follower.dispose(),
  gone: () => follower.dispose(),
});
await client.getJob(jobId);
const before = process.cpuUsage();
console.log('following');
await client.waitForJob(jobId, { for: 'started' });
await follower.follow();
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1_000_000);
client.dispose();
