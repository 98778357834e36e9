import { t } from '../base/l10n.ts';

export function cannotRun(name: string, reason: string): string {
  return t('"{0}" cannot run as a job: {1}.', name, reason);
}
