import assert from 'node:assert/strict';
import { isQuiet } from '../../../../src/extension/notify/quietHours.ts';

describe('Quiet hours', () => {
  const at = (time: string): Date => new Date(`2026-11-30T${time}:00`);
  const cases: [hours: string, time: string, quiet: boolean][] = [
    ['12:00-13:30', '12:00', true],
    ['12:00-13:30', '13:29', true],
    ['12:00-13:30', '13:30', false],
    ['22:00-07:00', '23:15', true],
    ['22:00-07:00', '06:59', true],
    ['22:00-07:00', '07:00', false],
    ['9:00 - 10:00', '09:30', true],
    ['08:00-08:00', '08:00', false],
    ['', '12:00', false],
    ['evening', '20:00', false],
  ];
  for (const [hours, time, quiet] of cases) {
    it(`${hours === '' ? 'none' : hours}: ${time} is ${quiet ? 'quiet' : 'not quiet'}`, () => {
      assert.equal(isQuiet(hours, at(time)), quiet);
    });
  }
});
