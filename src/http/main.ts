// The bundle that `bgjobs serve` loads: the schemas of the API are half of it.
export { ApiServer } from './apiServer.ts';
export { listenOnLoopback, loopbackAddress, loopbackTimeLimits } from './loopback.ts';
