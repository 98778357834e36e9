// A client that follows a job and throws the text away: `node follow.ts HOME JOB`. Prints `following` when it is
// connected, and at the end of the job how many bytes it has got.
import { connect } from '../src/client/connect.ts';

const [home = '', id = ''] = process.argv.slice(2);
const client = await connect({ home, start: false });
console.log('following');
let bytes = 0;
for await (const { length } of client.followOutput(id, {}, new AbortController().signal)) bytes += length;
console.log(bytes);
client.dispose();
