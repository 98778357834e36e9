// What turns output into lines for people: only a window that shows some loads it.
export { failureExcerpt, wrong } from './failureExcerpt.ts';
export { LineTaker } from './lineTaker.ts';
export { logText } from './logText.ts';
