import type { Job } from '../../../src/api/job.ts';
import { useHome, type Home } from '../cli.ts';
import { useSlurm, type SlurmCluster } from './cluster.ts';
import type { ClusterOptions } from './configuration.ts';

export interface SlurmHome extends Home {
  cluster(): SlurmCluster;
  /** `bgjobs run --runner slurm` */
  submit(...args: string[]): Promise<Job>;
}

/** A store whose host knows a cluster of its own, both for the tests of the enclosing describe block. */
export function useSlurmHome(options: ClusterOptions = {}): SlurmHome {
  const env: Record<string, string> = { BGJOBS_MAX_CONCURRENT_JOBS: '0' };
  // Its end comes before that of the cluster, where its jobs are.
  const home = useHome(env);
  const cluster = useSlurm(options);
  before(() => {
    Object.assign(env, cluster().env);
  });
  return Object.assign(home, {
    cluster,
    submit: (...args: string[]) => home.run(['--runner', 'slurm', ...args]),
  });
}
