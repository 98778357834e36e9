/**
 * The tools of agents, defined once for the editor and for MCP. The room may import the API, the texts and Node; the
 * editor's tools and the MCP server import it.
 */
import { controlTools } from './controlTools.ts';
import { listTools } from './listTools.ts';
import { toolNames, type ToolName } from './names.ts';
import { outputTools } from './outputTools.ts';
import { startTools } from './startTool.ts';
import type { Tool } from './tool.ts';

export { failureText } from './tool.ts';

const defined: Record<ToolName, Tool> = { ...startTools, ...listTools, ...outputTools, ...controlTools };

/** All tools, for every front, in the order in which they are listed. */
export const tools = Object.fromEntries(toolNames.map((name) => [name, defined[name]])) as typeof defined;
