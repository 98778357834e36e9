// All servers start with their defaults, and all writers as their users start them.
import { nodeServers } from './nodeServers.ts';
import { nodeWriters } from './nodeWriters.ts';
import { pythonServers } from './pythonServers.ts';
import { pythonWriters } from './pythonWriters.ts';
import { systemServers } from './systemServers.ts';
import { systemWriters } from './systemWriters.ts';
import type { Server, Writer } from './tool.ts';

export const servers: Readonly<Record<string, Server>> = { ...nodeServers, ...pythonServers, ...systemServers };
export const writers: Readonly<Record<string, Writer>> = { ...nodeWriters, ...pythonWriters, ...systemWriters };
