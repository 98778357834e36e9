// A client that follows a job and discards the text: `node follow.ts HOME JOB`. It prints `following` when it is
// connected and, when the job ends, the number of bytes it has received.
import { connect } from '../src/client/apiClient.ts';

const [home = '', id = ''] = process.argv.slice(2);
const client = await connect({ home, start: false });
console.log('following');
let bytes = 0;
for await (const { length } of client.followOutput(id, {}, new AbortController().signal)) bytes += length;
console.log(bytes);
client.dispose();
