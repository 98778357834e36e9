export { jobOfAnswer } from './answeredJob.ts';
export { failureText } from './tool.ts';
export { tools } from './tools.ts';
