import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shownProgress } from '../../../src/text/progress.ts';

const esc = '\u001B';
const curlHead =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n';
const curlBegin = '\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0';

/** What was written by then, and a percentage, or what of how much. */
const recordings: Record<string, [written: string, shown: string]> = {
  'a bar of tqdm': [
    '\r  0%|          | 0/300 [00:00<?, ?it/s]\r 56%|█████▌    | 167/300 [00:01<00:01, 93.53it/s]',
    '56%',
  ],
  'a bar of tqdm at its beginning': ['\r  0%|          | 0/300 [00:00<?, ?it/s]', '0%'],
  'a bar of tqdm in ASCII': ['\rfiles:  45%|####5     | 135/300 [00:02<00:03, 49.7it/s, loss=97%]', '45%'],
  'the outer one of two nested bars of tqdm': [
    `\router:  25%|██▌       | 1/4 [00:00<00:01,  1.7it/s]\n\rinner:  80%|████████  | 40/50 [00:00<00:00, 90it/s]${esc}[A`,
    '25%',
  ],
  'the bar of tqdm that is not full': ['Epoch 1: 100%|██| 9/9 [00:02]\n\rEpoch 2:  33%|▋ | 3/9 [00:01<00:02]', '33%'],
  rich: [
    `Work ${esc}[38;2;249;38;114m━━━━━━━━━━${esc}[0m${esc}[90m╺━━━━━━━━━${esc}[0m ${esc}[35m 48%${esc}[0m ${esc}[36m0:00:02${esc}[0m`,
    '48%',
  ],
  'alive-progress': ['\r|████████████            | ▇▅▃ 60/100 [60%] in 1s (~1s, 45.0/s) ', '60%'],
  progressbar2: [' 45% (45 of 100) |###########              | Elapsed Time: 0:00:01 ETA: 0:00:01\n', '45%'],
  'cli-progress': ['\r███░░░░░░░ 28.5% | ETA: 1s | 57/200', '28.5%'],
  Gradle: ['<===----------> 23% EXECUTING [3s]', '23%'],
  'curl, by the first column of its table': [
    `${curlHead}${curlBegin}\r 35 28.6M   35 10.0M    0     0  8183k      0  0:00:03  0:00:01  0:00:02 8189k`,
    '35%',
  ],
  'curl without a known size': [
    `${curlHead}${curlBegin}\r100 10.0M    0 10.0M    0     0  8183k      0 --:--:--  0:00:01 --:--:-- 8189k`,
    'none',
  ],
  'curl -#': ['\r########################                         34.0%', '34%'],
  wget: [' 14600K .......... .......... .......... .......... .......... 50%  226M 1s\n', '50%'],
  'wget with a bar': [
    '\ro2       43%[=======>      ]  12.32M  9.99MB/s\ro2       51%[========>     ]  14.60M  10.0MB/s',
    '51%',
  ],
  rsync: ['\r     11,206,656  37%   10.63MB/s    0:00:01  \r     21,069,824  70%    9.80MB/s    0:00:00  ', '70%'],
  'youtube-dl': ['\r[download]  45.3% of 10.00MiB at 1.00MiB/s ETA 00:05', '45.3%'],
  'git, in its last phase': [
    'remote: Counting objects: 100% (3/3), done.        \n\rReceiving objects:  50% (2400/4799)\rReceiving objects:  51% (2448/4799), 1.20 MiB | 2.30 MiB/s',
    '51%',
  ],
  pv: ['\r24.0MiB 0:00:02 [13.1MiB/s] [===========================>      ] 83% ETA 0:00:00', '83%'],
  CMake: ['[ 30%] Building C object a.o\n[ 33%] Building C object b.o\n', '33%'],
  'CMake, with a warning behind it': [
    '[ 33%] Building C object b.o\nb.c:3:1: warning: 97% of this is unused\n  int x;\n',
    '33%',
  ],
  pytest: ['test_a.py ............ [ 20%]\n.............. [ 44%]\n....', '44%'],
  'pytest -v': ['test_a.py::test_x[1] PASSED                                  [ 51%]\n', '51%'],
  webpack: ['<s> [webpack.Progress] 65% building\n', '65%'],
  Ninja: ['[11/40] CC a.o\n[12/40] CC b.o\n', '12 of 40'],
  Yarn: ['[3/4] Linking dependencies...\n', '3 of 4'],
  Cargo: [`   Compiling serde v1.0.2\n    Building [==========>           ] 12/28: serde, regex\r`, '12 of 28'],
  pip: [
    `   ${esc}[38;5;237m━━━━━━━━━━${esc}[0m${esc}[90m╺━━━━━━━━━${esc}[0m ${esc}[32m4.1/16.4 MB${esc}[0m ${esc}[31m8.1 MB/s${esc}[0m eta ${esc}[36m0:00:02${esc}[0m`,
    '25%',
  ],
  Docker: ['8a1e25ce7c4f: Downloading [=====>        ]  11.5MB/46MB', '25%'],
  Keras: ['\r 45/100 ━━━━━━━━━━━━━━━━━━━━ 3s 12ms/step - loss: 0.4', '45 of 100'],
  'mkfs, which takes back with backspaces': ['Writing inode tables:  0/16\b\b\b\b\b 3/16', '3 of 16'],
  'a count in words': ['Downloading file 3 of 12\n', '3 of 12'],
  'a step': ['Step 2/8 : RUN make\n', '2 of 8'],
  'a word': ['progress: 12,5 %\n', '12.5%'],

  'Maven, which shows a bar for each file': ['\rProgress (2): 4.1/13 kB | 16/27 kB\rProgress (1): 25/27 kB', 'none'],
  dd: ['\r13000000000 bytes (13 GB, 12 GiB) copied, 4 s, 3.2 GB/s', 'none'],
  npm: ['\nadded 1 package in 4s\n', 'none'],
  uv: ['Resolved 12 packages in 340ms\nDownloading numpy (16.0MiB)\n', 'none'],
  ffmpeg: ['\rframe=  199 fps= 16 q=29.0 size=       0kB time=00:00:04.96 bitrate=   0.1kbits/s speed=0.394x', 'none'],
  'the statistics of x264': [
    '[libx264 @ 0x56] ref P L0: 75.6%  2.5% 15.1%  6.9%\n[libx264 @ 0x56] kb/s:43.85\n',
    'none',
  ],
  'Vitest, whose percentages are shares of the time': [
    'Duration  1.20s (transform 34ms, tests 95%, setup 0ms, worker 1%)\n',
    'none',
  ],
  'the coverage of pytest-cov': ['src/a.py      10      2    80%   4-5\nTOTAL        120      3    97%\n', 'none'],
  'the coverage of Istanbul': ['Statements   : 97.5% ( 117/120 )\nAll files |   97.5 |    80 |\n', 'none'],
  'the coverage of lcov': ['  lines......: 85.7% (6 of 7 lines)\n', 'none'],
  'the coverage of Go': ['ok  \tpkg\t0.01s\tcoverage: 97.0% of statements\n', 'none'],
  df: ['/dev/sda1        98G   50G   44G  54% /\n', 'none'],
  'a date': ['Starting on 3/10/2026\nLoading 3/10/2026\n', 'none'],
  'more than the whole': ['[41/40] CC a.o\n|████| 120%\n', 'none'],
  nothing: ['', 'none'],
};

describe('The progress that an output shows', () => {
  for (const [title, [written, shown]] of Object.entries(recordings)) {
    it(`${shown}: ${title}`, () => assert.equal(word(written), shown));
  }

  it('has the line that shows it', () => {
    const text = 'Receiving objects:  51% (2448/4799)';
    assert.deepEqual(shownProgress(`a\n\r${text}`), { percent: 51, done: null, total: null, text });
    assert.deepEqual(shownProgress('[1/3] CC\n'), { percent: 33.3, done: 1, total: 3, text: '[1/3] CC' });
  });

  it('is full as long as nothing follows it, and is past after 20 lines', () => {
    assert.equal(word('[100%] Built target x\n'), '100%');
    assert.equal(word('[100%] Built target x\nServer listens on port 3000\n'), 'none');
    assert.equal(word(`[ 33%] Building\n${'warning\n'.repeat(20)}`), '33%');
    assert.equal(word(`[ 33%] Building\n${'warning\n'.repeat(21)}`), 'none');
  });

  it('is not looked for in lines that are longer than a bar', () => {
    for (const text of ['━━╸ 45% ', '[==> ] 4/9 ', '45%| ']) assert.equal(word(text.repeat(100)), 'none');
  });

  function word(written: string): string {
    const found = shownProgress(written);
    if (!found) return 'none';
    return found.done === null ? `${found.percent}%` : `${found.done} of ${found.total}`;
  }
});
