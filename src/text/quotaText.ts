import { quotaNames, type Quota, type QuotaName, type Quotas } from '../api/quotas.ts';
import { joined, oneLine, plural } from './grammar.ts';

const quotaTexts: Record<QuotaName, (maximum: number) => string> = {
  waitingJobs: (maximum) => plural(maximum, 'waiting job'),
  jobsPerHour: (maximum) => `${plural(maximum, 'job')} per hour`,
};

/** A sentence for each scope that has quotas, for example `Quotas of web: at most 20 waiting jobs.` */
export function quotasText({ quotas, quotasPerSession, sessionQuotas }: Quotas): string[] {
  const scopes: [string, Quota][] = [
    ['all jobs together', quotas],
    ['each session', quotasPerSession],
    ...Object.entries(sessionQuotas).map(([session, quota]): [string, Quota] => [oneLine(session), quota]),
  ];
  return scopes.flatMap(([scope, quota]) => {
    const texts = quotaNames.flatMap((name) => {
      const maximum = quota[name];
      if (maximum === undefined) return [];
      return maximum === 0 ? `no quota ${name}` : `at most ${quotaTexts[name](maximum)}`;
    });
    return texts.length === 0 ? [] : `Quotas of ${scope}: ${joined(...texts)}.`;
  });
}
