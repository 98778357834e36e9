export { JobTaskProvider } from '../tasks/taskProvider.ts';
export { TaskRunner } from '../tasks/taskRunner.ts';
export { handlers } from './commandHandlers.ts';
