import { BgJobsError } from './errors.ts';
import { mostRunningJobs, mostTasks } from './values.ts';

/** A task's number has at most nine digits: it is a part of the task's id. */
const highestNumber = 999_999_999;

/**
 * The numbers of the tasks of an array, in order, and how many of them run at once (null: no limit of its own).
 * @param text ranges and numbers with commas between, each range with a step if wanted, and a limit: `1,3,10-20:2%4`
 * @throws BgJobsError `invalid_request`
 */
export function parseTaskNumbers(text: string): { numbers: number[]; maxRunning: number | null } {
  const [, list = '', limit] = /^([^%]*)(?:%(\d{1,9}))?$/.exec(text.replaceAll(/\s/g, '')) ?? [];
  if (list === '') throw invalid(`"${text}" has no numbers. Use a range such as 1-100, 1-100%8 or 1,3,5-9:2.`);
  const maxRunning = limit === undefined ? null : Number(limit);
  if (maxRunning !== null && (maxRunning < 1 || maxRunning > mostRunningJobs)) {
    throw invalid(`the limit %${limit} must be at least 1 and at most ${mostRunningJobs}`);
  }
  const numbers = new Set<number>();
  for (const part of list.split(',')) {
    const { first, last, step } = parseRange(part);
    if (numbers.size + Math.floor((last - first) / step) >= mostTasks) {
      throw invalid(`an array has at most ${mostTasks} tasks. Split it into several arrays.`);
    }
    for (let number = first; number <= last; number += step) {
      if (numbers.has(number)) throw invalid(`task ${number} is listed more than once`);
      numbers.add(number);
    }
  }
  return { numbers: [...numbers].sort((a, b) => a - b), maxRunning };
}

function parseRange(part: string): { first: number; last: number; step: number } {
  const [, from, to = from, by = '1'] = /^(\d{1,10})(?:-(\d{1,10})(?::(\d{1,10}))?)?$/.exec(part) ?? [];
  if (from === undefined) throw invalid(`"${part}" is not a number or a range. Use 7, 1-100 or 1-100:2.`);
  const [first, last, step] = [Number(from), Number(to), Number(by)];
  if (last > highestNumber) throw invalid(`task numbers must be at most ${highestNumber}`);
  if (last < first) throw invalid(`the range ${part} ends before it begins`);
  if (step === 0) throw invalid(`the step of ${part} must be at least 1`);
  return { first, last, step };
}

function invalid(text: string): BgJobsError {
  return new BgJobsError('invalid_request', `array.tasks: ${text}`);
}
