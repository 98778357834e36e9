/**
 * `extension/base` is what every room of the extension shares: names of the manifest, settings, translation, trust,
 * failures. It imports `api`, `text` and `agents/policy`.
 */

/** Every name that package.json and the code share. test/unit/house/manifest.test.ts holds the two to each other. */

export const viewContainer = 'backgroundJobs';

export const views = { jobs: 'backgroundJobs.jobs', startables: 'backgroundJobs.startables' } as const;

/** Those that start something: they share a bundle with what asks for it. */
const startCommandNames = [
  'start',
  'runInBackground',
  'startWithOptions',
  'startSelection',
  'runScript',
  'runFile',
  'runStartable',
  'runStartableWithOptions',
  'openDefinition',
  'refreshStartables',
  'composeUp',
  'composeDown',
  'addFavorite',
  'removeFavorite',
  'rerunWithEdits',
  'edit',
  'saveAsTemplate',
] as const;
export type StartCommandName = (typeof startCommandNames)[number];

export const commandNames = [
  ...startCommandNames,
  'startAgent',
  'kill',
  'terminate',
  'forceKill',
  'killWithSignal',
  'killSession',
  'pause',
  'resume',
  'restart',
  'restartFailed',
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
  'openTerminal',
  'openLog',
  'toggleTimestamps',
  'goToFirstError',
  'compareRuns',
  'openInBrowser',
  'inspect',
  'matchProblems',
  'explainFailure',
  'fixFailure',
  'copyId',
  'copyCommand',
  'pin',
  'unpin',
  'mute',
  'unmute',
  'notify',
  'dontNotify',
  'remove',
  'removeOrStop',
  'rename',
  'showDetails',
  'showTimeline',
  'find',
  'filter',
  'clearFilter',
  'groupBy',
  'showFailed',
  'markSeen',
  'restartAllFailed',
  'clearFinished',
  'stopRunning',
  'cancelWaiting',
  'cancel',
  'cleanUp',
  'open',
  'retry',
  'showHostLog',
  'copyMcpConfiguration',
  'doctor',
  'createReport',
  'runLastCommand',
  'editLastCommand',
  'startTerminalSelection',
  'help',
  'openSettings',
] as const;
export type CommandName = (typeof commandNames)[number];

export function isStartCommand(name: CommandName): name is StartCommandName {
  return (startCommandNames as readonly string[]).includes(name);
}

export type CommandId = `backgroundJobs.${CommandName}`;

/**
 * The id of a command by its name, for example `backgroundJobs.start` by `start`. It holds no list: that of all names would
 * be a kilobyte in each bundle that uses one of them.
 */
export const commands = /* @__PURE__ */ new Proxy({} as { readonly [Name in CommandName]: `backgroundJobs.${Name}` }, {
  get: (_, name) => `backgroundJobs.${String(name)}`,
});

export const mcpServerProvider = 'backgroundJobs.mcp';

/** The scheme of the documents that show logs. */
export const logScheme = 'bgjobs-log';

/** As the editor knows the extension, for its settings and its walkthrough. */
export const extensionId = 'background-jobs.background-jobs';
export const walkthrough = 'start';

/** The type of the webviews that show a job. */
export const jobPage = 'backgroundJobs.job';

/** The type of the webview that shows the timeline. */
export const timelinePage = 'backgroundJobs.timeline';

/** The type of tasks that run as jobs. */
export const taskType = 'backgroundJob';

/** The names of files in which lenses stand above scripts. */
export const filesWithScripts = [
  ...(['package.json', 'composer.json', 'deno.json', 'deno.jsonc', 'Procfile'] as const),
  ...(['GNUmakefile', 'makefile', 'Makefile', 'justfile', 'Justfile', '.justfile'] as const),
] as const;

/** Context keys that the code sets and when-clauses read. */
export const contextKeys = {
  connection: 'backgroundJobs.connection',
  queue: 'backgroundJobs.queue',
  running: 'backgroundJobs.running',
  waiting: 'backgroundJobs.waiting',
  finished: 'backgroundJobs.finished',
  failed: 'backgroundJobs.failed',
  filter: 'backgroundJobs.filter',
} as const;

/** The words of a tree item's contextValue: what can be done with it. When-clauses look for them. */
export const itemFlags = [
  'job',
  'run',
  'session',
  'failedGroup',
  'runningGroup',
  'waitingGroup',
  'finishedGroup',
  'failures',
  'kill',
  'cancel',
  'signal',
  'pause',
  'resume',
  'restart',
  'restartFailed',
  'rerun',
  'edit',
  'explain',
  'problems',
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
  'attach',
  'log',
  'compare',
  'browse',
  'inspect',
  'remove',
  'rename',
  'pin',
  'unpin',
  'mute',
  'unmute',
  'notify',
  'dontNotify',
  'startable',
  'favorite',
  'notFavorite',
] as const;
export type ItemFlag = (typeof itemFlags)[number];

/** The section of all settings. */
export const section = 'backgroundJobs';

export const settings = {
  host: 'host',
  maxConcurrentJobs: 'maxConcurrentJobs',
  maxConcurrentJobsPerSession: 'maxConcurrentJobsPerSession',
  sessionLimits: 'sessionLimits',
  quotas: 'quotas',
  quotasPerSession: 'quotasPerSession',
  sessionQuotas: 'sessionQuotas',
  jobTimeout: 'jobTimeout',
  minFreeMemoryMegabytes: 'minFreeMemoryMegabytes',
  minFreeDiskMegabytes: 'minFreeDiskMegabytes',
  maxLoadAverage: 'maxLoadAverage',
  keepFinishedDays: 'keepFinishedDays',
  keepFinishedJobs: 'keepFinishedJobs',
  keepFinishedJobsPerSession: 'keepFinishedJobsPerSession',
  keepLogMegabytes: 'keepLogMegabytes',
  maxTotalLogMegabytes: 'maxTotalLogMegabytes',
  shell: 'shell',
  templates: 'templates',
  codeLensScripts: 'codeLens.scripts',
  codeLensFiles: 'codeLens.files',
  gutterIcons: 'gutterIcons',
  groupBy: 'groupBy',
  agentTools: 'agents.tools',
  agentMcpServer: 'agents.mcpServer',
  agentAllow: 'agents.allow',
  agentDeny: 'agents.deny',
  notificationsEnabled: 'notifications.enabled',
  notificationsMinimumDuration: 'notifications.minimumDuration',
  notificationsDesktop: 'notifications.desktop',
  notificationsQuietHours: 'notifications.quietHours',
} as const;
export type SettingName = (typeof settings)[keyof typeof settings];

/**
 * Keys of the own storage: options of agents, answers to inputs, a line that was typed and not started, favorites, history, the time
 * of the last look, muted jobs, jobs to notify about, jobs of tasks and jobs with an open terminal per workspace, warnings
 * for all.
 */
export const storageKeys = {
  agentArguments: 'agentArguments',
  answers: 'answers',
  draft: 'draft',
  favorites: 'favorites',
  history: 'history',
  lastLook: 'lastLook',
  matchers: 'matchers',
  muted: 'muted',
  notify: 'notify',
  tasks: 'tasks',
  terminals: 'terminals',
  warnings: 'warnings',
} as const;
