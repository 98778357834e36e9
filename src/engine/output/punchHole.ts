import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** F_PUNCHHOLE is 99 and takes {uint32 flags, uint32 reserved, int64 offset, int64 length}: fcntl(2) of macOS. */
const punchByPerl = `
open(my $file, '+<', $ARGV[0]) or die "$!\\n";
fcntl($file, 99, pack('LLqq', 0, 0, 0, $ARGV[1])) or die "$!\\n";
`;

/**
 * The commands, to be run one after the other, that give the first bytes of a file back to the file system. Its size
 * and all offsets stay, so a writer that has it open notices nothing and loses nothing; the bytes read as zeros.
 * @param bytes whole blocks: macOS refuses anything else
 */
export function punchHoleCommands(platform: NodeJS.Platform, file: string, bytes: number): [string, ...string[]][] {
  switch (platform) {
    case 'win32':
      return [
        ['fsutil', 'sparse', 'setflag', file],
        ['fsutil', 'file', 'setzerodata', 'offset=0', `length=${bytes}`, file],
      ];
    case 'darwin':
      return [['perl', '-e', punchByPerl, file, String(bytes)]];
    default:
      return [['fallocate', '--punch-hole', '--keep-size', '--offset', '0', '--length', String(bytes), file]];
  }
}

/** @throws the error of the command that failed: it is not installed, or the file system has no holes */
export type PunchHole = (file: string, bytes: number) => Promise<void>;

export function punchHole(platform: NodeJS.Platform): PunchHole {
  const run = promisify(execFile);
  return async (file, bytes) => {
    for (const [command, ...args] of punchHoleCommands(platform, file, bytes)) await run(command, args);
  };
}
