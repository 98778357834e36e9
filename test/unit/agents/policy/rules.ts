import { judge, type Verdict } from '../../../../src/agents/policy/judge.ts';

/** What the lines in this folder are judged by. */
export const rules = {
  allow: [
    'git status',
    'git log',
    'npm test',
    'npm run build',
    'echo',
    'ls',
    'cat',
    'cd',
    'grep',
    'true',
    'find',
    'tsc',
  ].concat([
    'make',
    'git diff',
    'printf',
    'bash build.sh',
    '/^node --version$/',
    '/^eslint (\\.|src)$/i',
    '[',
    'git commit',
  ]),
  deny: ['rm', 'git push', 'dd', 'Remove-Item', '/--force\\b/', '/\\bcurl\\b.*\\bevil\\b/i', '/^git\\b.*\\bpush\\b/'],
};

export function judgeInSh(command: string, given = rules): Verdict {
  return judge({ command, shell: '/bin/sh' }, given);
}
