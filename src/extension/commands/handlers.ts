import { commands, type CommandId } from '../ids.ts';
import type { Handler } from './app.ts';
import { editLastCommand, runLastCommand, startTerminalSelection } from './adopt.ts';
import { cleanUp } from './cleanUp.ts';
import { continueAgent, startAgent } from './codingAgents.ts';
import { pause, release, restart, resume } from './control.ts';
import { doctor } from './doctor.ts';
import { retry, showHostLog } from './host.ts';
import { sendInput } from './input.ts';
import { inspect } from './inspect.ts';
import { changeLimits } from './limits.ts';
import { open, openInBrowser, openLog, showOutput } from './look.ts';
import { copyMcpConfiguration } from './mcp.ts';
import { changeDependencies } from './dependencies.ts';
import { copyCommand, copyId, mute, pin, remove, unmute, unpin } from './organise.ts';
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
} from './queue.ts';
import { rerunWithEdits } from './rerun.ts';
import { showSchedule } from './schedule.ts';
import { start, startSelection } from './start.ts';
import { startWithOptions } from './startWithOptions.ts';
import { kill, killSession, killWithSignal } from './stop.ts';

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
