/**
 * `extension/start` asks what to start and how: command lines, scripts, recipes, templates, times, limits. `starting` imports
 * it; this file is a bundle of its own with the marks of scripts in their files, which `app` loads when such a file is open.
 * It imports `api`, `text`, `tasks`, `view` and the rooms below them, and loads the reader of cron patterns on demand.
 */

export { codeLenses } from './codeLenses.ts';
export { GutterIcons } from './gutterIcons.ts';
export { LastJobs } from './lastJobs.ts';
