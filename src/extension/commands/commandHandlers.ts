import { commands, type CommandId } from '../base/ids.ts';
import type { Handler } from './app.ts';
import { editLastCommand, runLastCommand, startTerminalSelection } from './runLastCommand.ts';
import { cleanUp } from './cleanUpCommands.ts';
import { continueAgent, startAgent } from './codingAgentsCommands.ts';
import { pause, release, restart, resume } from './controlCommands.ts';
import { doctor } from './doctorCommands.ts';
import { retry, showHostLog } from './hostCommands.ts';
import { sendInput } from './inputCommands.ts';
import { inspect } from './inspectCommands.ts';
import { changeLimits } from './limitsCommands.ts';
import { open, openInBrowser, openLog, showOutput } from './outputCommands.ts';
import { copyMcpConfiguration } from './mcpCommands.ts';
import { changeDependencies } from './dependenciesCommands.ts';
import { copyCommand, copyId, mute, pin, remove, unmute, unpin } from './organizeCommands.ts';
import {
  changePriority,
  hold,
  moveDown,
  moveFirst,
  moveLast,
  moveUp,
  pauseQueue,
  pauseSession,
  resumeQueue,
  resumeSession,
  startNow,
} from './queueCommands.ts';
import { rerunWithEdits } from './rerunCommands.ts';
import { showSchedule } from './scheduleCommands.ts';
import { start, startSelection } from './startCommands.ts';
import { startWithOptions } from './startWithOptionsCommands.ts';
import { kill, killSession, killWithSignal } from './stopCommands.ts';

/** What each command does. */
export const handlers: Readonly<Record<CommandId, Handler>> = {
  [commands.start]: start,
  [commands.startWithOptions]: startWithOptions,
  [commands.startSelection]: startSelection,
  [commands.startAgent]: startAgent,
  [commands.kill]: kill,
  [commands.killWithSignal]: killWithSignal,
  [commands.killSession]: killSession,
  [commands.pause]: pause,
  [commands.resume]: resume,
  [commands.restart]: restart,
  [commands.rerunWithEdits]: rerunWithEdits,
  [commands.continueAgent]: continueAgent,
  [commands.hold]: hold,
  [commands.release]: release,
  [commands.startNow]: startNow,
  [commands.moveUp]: moveUp,
  [commands.moveDown]: moveDown,
  [commands.moveFirst]: moveFirst,
  [commands.moveLast]: moveLast,
  [commands.changePriority]: changePriority,
  [commands.changeDependencies]: changeDependencies,
  [commands.showSchedule]: showSchedule,
  [commands.pauseQueue]: pauseQueue,
  [commands.resumeQueue]: resumeQueue,
  [commands.pauseSession]: pauseSession,
  [commands.resumeSession]: resumeSession,
  [commands.changeLimits]: changeLimits,
  [commands.sendInput]: sendInput,
  [commands.showOutput]: showOutput,
  [commands.openLog]: openLog,
  [commands.openInBrowser]: openInBrowser,
  [commands.inspect]: inspect,
  [commands.copyId]: copyId,
  [commands.copyCommand]: copyCommand,
  [commands.pin]: pin,
  [commands.unpin]: unpin,
  [commands.mute]: mute,
  [commands.unmute]: unmute,
  [commands.remove]: remove,
  [commands.cleanUp]: cleanUp,
  [commands.open]: open,
  [commands.retry]: retry,
  [commands.showHostLog]: showHostLog,
  [commands.copyMcpConfiguration]: copyMcpConfiguration,
  [commands.doctor]: doctor,
  [commands.runLastCommand]: runLastCommand,
  [commands.editLastCommand]: editLastCommand,
  [commands.startTerminalSelection]: startTerminalSelection,
};
