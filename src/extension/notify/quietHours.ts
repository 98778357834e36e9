/**
 * Whether a time is in the quiet hours.
 * @param hours two local times of day, such as `22:00-07:00`; the second may be on the next day. Other texts mean none
 */
export function isQuiet(hours: string, now: Date): boolean {
  const [, ...parts] = /^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$/.exec(hours.replaceAll(' ', '')) ?? [];
  if (parts.length === 0) return false;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts.map(Number);
  const [from, to, time] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute, now.getHours() * 60 + now.getMinutes()];
  return from <= to ? time >= from && time < to : time >= from || time < to;
}
