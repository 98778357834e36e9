import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { systemLibrary, type SystemFunction } from './systemLibrary.ts';

/** F_PUNCHHOLE is 99 and takes {uint32 flags, uint32 reserved, int64 offset, int64 length}: fcntl(2) of macOS. */
const programForMac = `
open(my $file, '+<', $ARGV[0]) or die "$!\\n";
fcntl($file, 99, pack('LLqq', 0, 0, 0, $ARGV[1])) or die "$!\\n";
`;

/**
 * fallocate(2) with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE. What was a hole before is one piece, for it may not have
 * become one. The rest is cut by the megabyte, so that the writer, who waits meanwhile, comes in between.
 */
const programForLinux = `
my ($path, $number, $before, $bytes) = @ARGV;
open(my $file, '+<', $path) or die "$!\\n";
for (my ($at, $end) = (0, $before + 0); $at < $bytes; $at = $end, $end = $at + 1048576) {
  $end = $bytes + 0 if $end > $bytes;
  next if $end == $at;
  syscall($number + 0, fileno($file), 3, $at, $end - $at) == 0 or die "$!\\n";
}
`;

/** The number of fallocate(2): https://man7.org/linux/man-pages/man2/syscalls.2.html, asm/unistd_64.h, asm-generic/unistd.h */
const fallocateNumbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 285, arm64: 47 };

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
      return [['perl', '-e', programForMac, file, String(bytes)]];
    default:
      return [['fallocate', '--punch-hole', '--keep-size', '--offset', '0', '--length', String(bytes), file]];
  }
}

/**
 * @param before how many of the bytes should be a hole already
 * @param isSure whether they are, so that nobody has to try
 * @throws the error of the command that failed: it is not installed, or the file system has no holes
 */
export type PunchHole = (file: string, before: number, bytes: number, isSure?: boolean) => Promise<void>;

/**
 * On Linux by the system call, made here or by perl: the command `fallocate` ends with an fsync of the whole log, which its
 * writer waits for, a second or more.
 * @param library makes the call here; null if it cannot
 */
export function punchHole(
  platform: NodeJS.Platform,
  arch: NodeJS.Architecture = process.arch,
  library = systemLibrary,
): PunchHole {
  const run = promisify(execFile);
  const number = fallocateNumbers[arch];
  let fallocate: SystemFunction | null | undefined;
  const punchHere = async (file: string, before: number, bytes: number, isSure: boolean): Promise<boolean> => {
    fallocate ??= library()?.func('int fallocate(int file, int mode, int64_t offset, int64_t length)') ?? null;
    return fallocate !== null && punchPieces(fallocate, file, { before, bytes, isSure });
  };
  const punchByPerl = async (file: string, before: number, bytes: number): Promise<boolean> => {
    await run('perl', ['-e', programForLinux, file, ...[number, before, bytes].map(String)]);
    return true;
  };
  return async (file, before, bytes, isSure = false) => {
    if (platform === 'linux' && number !== undefined) {
      for (const punch of [punchHere, punchByPerl]) {
        if (await punch(file, before, bytes, isSure).catch(() => false)) return;
      }
    }
    for (const [command, ...args] of punchHoleCommands(platform, file, bytes)) await run(command, args);
  };
}

/** FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE of fallocate(2) */
const punching = 3;
/** While a piece is punched the writer waits; then it comes in between (bytes). */
const pieceBytes = 16_777_216;

/** What was a hole before is one piece, for it may not have become one. @returns false if the system refused */
async function punchPieces(
  fallocate: SystemFunction,
  path: string,
  { before, bytes, isSure }: { before: number; bytes: number; isSure: boolean },
): Promise<boolean> {
  const file = openSync(path, 'r+');
  try {
    for (let at = 0, end = before; at < bytes; at = end, end = Math.min(at + pieceBytes, bytes)) {
      const isDone = at === end || (at === 0 && isSure && before > 0);
      if (!isDone && (await inThread(fallocate, file, punching, at, end - at)) !== 0) return false;
    }
    return true;
  } finally {
    closeSync(file);
  }
}

function inThread(call: SystemFunction, ...values: unknown[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  call.async(...values, (error: Error | null, result: number) => (error ? reject(error) : resolve(result)));
  return promise;
}
