/**
 * `extension/base` is what every room of the extension shares: names of the manifest, settings, translation, trust,
 * failures. It imports `api`, `text` and `agents/policy`.
 */

/** Every name that package.json and the code share. test/unit/house/manifest.test.ts holds the two to each other. */

export const viewContainer = 'backgroundJobs';

export const views = { jobs: 'backgroundJobs.jobs' } as const;

const commandNames = [
  'start',
  'startWithOptions',
  'startSelection',
  'startAgent',
  'kill',
  'killWithSignal',
  'killSession',
  'pause',
  'resume',
  'restart',
  'restartFailed',
  'rerunWithEdits',
  'continueAgent',
  'hold',
  'release',
  'startNow',
  'moveUp',
  'moveDown',
  'moveFirst',
  'moveLast',
  'changePriority',
  'changeDependencies',
  'showSchedule',
  'pauseQueue',
  'resumeQueue',
  'pauseSession',
  'resumeSession',
  'changeLimits',
  'sendInput',
  'showOutput',
  'openLog',
  'openInBrowser',
  'inspect',
  'copyId',
  'copyCommand',
  'pin',
  'unpin',
  'mute',
  'unmute',
  'remove',
  'cleanUp',
  'open',
  'retry',
  'showHostLog',
  'copyMcpConfiguration',
  'doctor',
  'runLastCommand',
  'editLastCommand',
  'startTerminalSelection',
] as const;
export type CommandName = (typeof commandNames)[number];
export type CommandId = `backgroundJobs.${CommandName}`;

/** The id of a command by its name, for example `backgroundJobs.start` by `start`. A bundle that uses none drops it. */
export const commands = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ commandNames.map((name) => [name, `backgroundJobs.${name}`]),
) as { readonly [Name in CommandName]: `backgroundJobs.${Name}` };

export const mcpServerProvider = 'backgroundJobs.mcp';

/** The type of tasks that run as jobs. */
export const taskType = 'backgroundJob';

/** Context keys that the code sets and when-clauses read. */
export const contextKeys = { connection: 'backgroundJobs.connection', queue: 'backgroundJobs.queue' } as const;

/** The words of a tree item's contextValue: what can be done with it. When-clauses look for them. */
export const itemFlags = [
  'job',
  'session',
  'kill',
  'signal',
  'pause',
  'resume',
  'restart',
  'restartFailed',
  'rerun',
  'continue',
  'hold',
  'release',
  'startNow',
  'move',
  'priority',
  'dependencies',
  'schedule',
  'pauseSession',
  'resumeSession',
  'input',
  'log',
  'browse',
  'inspect',
  'remove',
  'pin',
  'unpin',
  'mute',
  'unmute',
] as const;
export type ItemFlag = (typeof itemFlags)[number];

/** The section of all settings. */
export const section = 'backgroundJobs';

export const settings = {
  host: 'host',
  maxConcurrentJobs: 'maxConcurrentJobs',
  maxConcurrentJobsPerSession: 'maxConcurrentJobsPerSession',
  sessionLimits: 'sessionLimits',
  jobTimeout: 'jobTimeout',
  minFreeMemoryMegabytes: 'minFreeMemoryMegabytes',
  maxLoadAverage: 'maxLoadAverage',
  keepFinishedDays: 'keepFinishedDays',
  keepFinishedJobs: 'keepFinishedJobs',
  keepLogMegabytes: 'keepLogMegabytes',
  shell: 'shell',
  templates: 'templates',
  agentTools: 'agents.tools',
  agentMcpServer: 'agents.mcpServer',
  agentAllow: 'agents.allow',
  agentDeny: 'agents.deny',
  notificationsEnabled: 'notifications.enabled',
  notificationsMinimumDuration: 'notifications.minimumDuration',
} as const;
export type SettingName = (typeof settings)[keyof typeof settings];

/**
 * Keys of the own storage: options of agents, answers to inputs, history, muted jobs and jobs of tasks per workspace,
 * warnings for all.
 */
export const storageKeys = {
  agentArguments: 'agentArguments',
  answers: 'answers',
  history: 'history',
  muted: 'muted',
  tasks: 'tasks',
  warnings: 'warnings',
} as const;
