import { InvalidArgumentError } from 'commander';
import type { Dependency } from '../../api/options.ts';
import { dependencyConditions } from '../../api/values.ts';

/** Of a repeated `--after`: ID or ID:condition. */
export function collectDependency(text: string, before: Dependency[] | false = []): Dependency[] {
  const [, job, named = 'succeeded'] = /^([^:]+)(?::(.*))?$/s.exec(text) ?? [];
  const condition = dependencyConditions.find((one) => one === named);
  if (job !== undefined && condition !== undefined) return [...(before || []), { job, condition }];
  const conditions = dependencyConditions.join(', ');
  throw new InvalidArgumentError(`Write ID, or ID:CONDITION with one of ${conditions} (succeeded).`);
}
