/** What is loaded when jobs of a file are started, listed or stopped. */
export { down } from './down.ts';
export { findProject, readProject } from './readProject.ts';
export { statusOf, up } from './up.ts';
