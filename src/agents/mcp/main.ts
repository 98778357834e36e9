// The bundle that the host and the command line load when somebody speaks MCP, and not before.
export { createMcpEndpoint, type McpEndpoint } from './http.ts';
export { serveMcpOnStdio } from './stdio.ts';
