import { InvalidArgumentError } from 'commander';
import { dependencyConditions } from '../../api/choices.ts';
import type { Dependency } from '../../api/scheduling.ts';

/** Of a repeated `--after`: ID or ID:condition. */
export function collectDependency(text: string, before: Dependency[] | false = []): Dependency[] {
  const [, job, named = 'succeeded'] = /^([^:]+)(?::(.*))?$/s.exec(text) ?? [];
  const condition = dependencyConditions.find((one) => one === named);
  if (job !== undefined && condition !== undefined) return [...(before || []), { job, condition }];
  const conditions = dependencyConditions.join(', ');
  throw new InvalidArgumentError(`Write ID, or ID:CONDITION with one of ${conditions} (succeeded).`);
}
