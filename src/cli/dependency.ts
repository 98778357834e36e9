import { InvalidArgumentError } from 'commander';
import { dependencyCondition, type Dependency } from '../protocol/scheduling.ts';

/** Of a repeated `--after`: ID or ID:condition. */
export function collectDependency(text: string, before: Dependency[] | false = []): Dependency[] {
  const [, job, named = 'succeeded'] = /^([^:]+)(?::(.*))?$/s.exec(text) ?? [];
  const condition = dependencyCondition.safeParse(named);
  if (job !== undefined && condition.success) return [...(before || []), { job, condition: condition.data }];
  const conditions = dependencyCondition.options.join(', ');
  throw new InvalidArgumentError(`Write ID, or ID:CONDITION with one of ${conditions} (succeeded).`);
}
