/** Every name that package.json and the code share. test/unit/house/manifest.test.ts holds the two to each other. */

export const viewContainer = 'backgroundJobs';

export const views = { jobs: 'backgroundJobs.jobs' } as const;

export const commands = {
  start: 'backgroundJobs.start',
  startWithOptions: 'backgroundJobs.startWithOptions',
  startSelection: 'backgroundJobs.startSelection',
  startAgent: 'backgroundJobs.startAgent',
  kill: 'backgroundJobs.kill',
  killWithSignal: 'backgroundJobs.killWithSignal',
  killSession: 'backgroundJobs.killSession',
  pause: 'backgroundJobs.pause',
  resume: 'backgroundJobs.resume',
  restart: 'backgroundJobs.restart',
  rerunWithEdits: 'backgroundJobs.rerunWithEdits',
  continueAgent: 'backgroundJobs.continueAgent',
  hold: 'backgroundJobs.hold',
  release: 'backgroundJobs.release',
  startNow: 'backgroundJobs.startNow',
  moveUp: 'backgroundJobs.moveUp',
  moveDown: 'backgroundJobs.moveDown',
  moveFirst: 'backgroundJobs.moveFirst',
  moveLast: 'backgroundJobs.moveLast',
  changePriority: 'backgroundJobs.changePriority',
  changeDependencies: 'backgroundJobs.changeDependencies',
  showSchedule: 'backgroundJobs.showSchedule',
  pauseQueue: 'backgroundJobs.pauseQueue',
  resumeQueue: 'backgroundJobs.resumeQueue',
  pauseSession: 'backgroundJobs.pauseSession',
  resumeSession: 'backgroundJobs.resumeSession',
  changeLimits: 'backgroundJobs.changeLimits',
  sendInput: 'backgroundJobs.sendInput',
  showOutput: 'backgroundJobs.showOutput',
  openLog: 'backgroundJobs.openLog',
  openInBrowser: 'backgroundJobs.openInBrowser',
  inspect: 'backgroundJobs.inspect',
  copyId: 'backgroundJobs.copyId',
  copyCommand: 'backgroundJobs.copyCommand',
  pin: 'backgroundJobs.pin',
  unpin: 'backgroundJobs.unpin',
  mute: 'backgroundJobs.mute',
  unmute: 'backgroundJobs.unmute',
  remove: 'backgroundJobs.remove',
  cleanUp: 'backgroundJobs.cleanUp',
  open: 'backgroundJobs.open',
  retry: 'backgroundJobs.retry',
  showHostLog: 'backgroundJobs.showHostLog',
  copyMcpConfiguration: 'backgroundJobs.copyMcpConfiguration',
  doctor: 'backgroundJobs.doctor',
  runLastCommand: 'backgroundJobs.runLastCommand',
  editLastCommand: 'backgroundJobs.editLastCommand',
  startTerminalSelection: 'backgroundJobs.startTerminalSelection',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

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

/** Keys of the own storage: options of agents, history, muted jobs and jobs of tasks per workspace, warnings for all. */
export const storageKeys = {
  agentArguments: 'agentArguments',
  history: 'history',
  muted: 'muted',
  tasks: 'tasks',
  warnings: 'warnings',
} as const;
