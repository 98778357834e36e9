import { BgJobsError } from '../api/errors.ts';
import { type RouteName, routes } from '../api/routes.ts';

export interface Match {
  readonly name: RouteName;
  /** What stands in the place of `{id}` or `{runId}`; empty where the route has neither. */
  readonly id: string;
}

const patterns = (Object.keys(routes) as RouteName[]).map((name) => ({
  name,
  method: routes[name].method,
  segments: routes[name].path.split('/'),
}));

/** @throws BgJobsError `route_not_found` */
export function findRoute(method: string, path: string): Match {
  const given = path.split('/');
  for (const { name, method: wanted, segments } of patterns) {
    if (wanted !== method || segments.length !== given.length) continue;
    if (segments.every((segment, index) => segment.startsWith('{') || segment === given[index])) {
      const place = segments.findIndex((segment) => segment.startsWith('{'));
      return { name, id: place < 0 ? '' : decode(given[place] ?? '') };
    }
  }
  throw notFound(method, path);
}

export function notFound(method: string, path: string): BgJobsError {
  return new BgJobsError('route_not_found', `There is no ${method} ${path}.`);
}

/** A request's target, cut at the first question mark. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BgJobsError('invalid_request', `"${segment}" in the path is not percent-encoded UTF-8.`);
  }
}

/** @throws BgJobsError `invalid_request` for a name that is given twice */
export function parseQuery(text: string): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (query.has(name)) throw new BgJobsError('invalid_request', `${name} is given more than once`);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}
