/** What is loaded when jobs of a file are started, listed or stopped. */
export { down } from './down.ts';
export { findProject, projectFiles, readProject } from './readProject.ts';
export { statusOf, up } from './up.ts';
