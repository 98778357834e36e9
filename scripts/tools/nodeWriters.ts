import type { Writer } from './tool.ts';

const node = (program: string) => ({ files: { 'a.mjs': program }, line: 'node a.mjs' });
const sleep = `const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n`;

export const nodeWriters: Readonly<Record<string, Writer>> = {
  ora: {
    npm: ['ora@9.4.1'],
    ...node(`${sleep}import ora from 'ora';
const spinner = ora('Working').start();
await sleep(800);
spinner.text = 'Still working\\non two lines';
await sleep(800);
spinner.succeed('done');
`),
  },
  listr2: {
    npm: ['listr2@11.4.0'],
    ...node(`${sleep}import { Listr } from 'listr2';
const tasks = ['a', 'b', 'c'].map((title, i) => ({
  title,
  task: async (_, task) => {
    for (let n = 0; n < 5; n++) {
      task.output = \`\${title} \${n}\`;
      await sleep(100 * (i + 1));
    }
  },
}));
await new Listr(tasks, { concurrent: true }).run();
`),
  },
  'cli-progress': {
    npm: ['cli-progress@3.12.0'],
    ...node(`${sleep}import { SingleBar, Presets } from 'cli-progress';
const bar = new SingleBar({ noTTYOutput: true, notTTYSchedule: 200 }, Presets.shades_classic);
bar.start(100, 0);
for (let i = 0; i <= 100; i++) {
  bar.update(i);
  await sleep(20);
}
bar.stop();
`),
  },
  'cli-progress 3 bars': {
    npm: ['cli-progress@3.12.0'],
    ...node(`${sleep}import { MultiBar } from 'cli-progress';
const multi = new MultiBar({ format: '{bar} {value}/{total}' });
const bars = [20, 50, 80].map((total) => multi.create(total, 0));
for (let i = 0; i < 80; i++) {
  for (const bar of bars) bar.increment();
  if (i % 30 === 0) multi.log(\`step \${i}\\n\`);
  await sleep(20);
}
multi.stop();
`),
  },
  progress: {
    npm: ['progress@2.0.3'],
    ...node(`${sleep}import ProgressBar from 'progress';
const bar = new ProgressBar(':bar :percent', { total: 50 });
for (let i = 0; i < 50; i++) {
  bar.tick();
  await sleep(20);
}
`),
  },
  nanospinner: {
    npm: ['nanospinner@1.2.2'],
    ...node(`${sleep}import { createSpinner } from 'nanospinner';
const spinner = createSpinner('Working').start();
await sleep(1000);
spinner.success({ text: 'done' });
`),
  },
  'log-update': {
    npm: ['log-update@8.0.0'],
    ...node(`${sleep}import logUpdate from 'log-update';
for (let i = 0; i < 20; i++) {
  logUpdate(Array.from({ length: (i % 5) + 1 }, (_, n) => \`line \${n} of frame \${i}\`).join('\\n'));
  await sleep(50);
}
logUpdate.done();
`),
  },
  gauge: {
    npm: ['gauge@5.0.2'],
    ...node(`${sleep}import Gauge from 'gauge';
const gauge = new Gauge();
for (let i = 0; i <= 20; i++) {
  gauge.show('Working', i / 20);
  await sleep(50);
}
gauge.hide();
console.log('done');
`),
  },
  'vite build': {
    npm: ['vite@8.4.0'],
    files: { 'index.html': '<script type="module" src="a.js"></script>\n', 'a.js': 'console.log("Trial");\n' },
    line: 'vite build',
  },
  'webpack --progress': {
    npm: ['webpack@5.113.0', 'webpack-cli@7.3.1'],
    files: { 'src/index.js': 'console.log("Trial");\n' },
    line: 'webpack --mode development --progress',
  },
  'parcel build': {
    npm: ['parcel@2.16.4'],
    files: { 'index.html': '<h1>Trial</h1>\n' },
    line: 'parcel build index.html --no-cache',
  },
  'next build': {
    npm: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
    files: {
      'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;\n',
      'app/page.js': 'export default () => <h1>Trial</h1>;\n',
      'next.config.js': 'module.exports = { turbopack: { root: __dirname } };\n',
    },
    line: 'next build',
  },
  'tsc --watch': {
    npm: ['typescript@7.0.2'],
    files: {
      'tsconfig.json': '{ "compilerOptions": { "noEmit": true, "types": [] } }\n',
      'a.ts': 'export const a = 1;\n',
    },
    line: 'timeout --foreground 5 tsc --watch; true',
  },
  jest: {
    npm: ['jest@30.5.2'],
    files: {
      'a.test.js': `for (let i = 0; i < 30; i++) test(\`case \${i}\`, () => new Promise((done) => setTimeout(done, 20)));\n`,
    },
    line: 'jest',
  },
  vitest: {
    npm: ['vitest@5.1.2'],
    files: {
      'a.test.js': `import { test } from 'vitest';\nfor (let i = 0; i < 30; i++) test(\`case \${i}\`, () => new Promise((done) => setTimeout(done, 20)));\n`,
    },
    line: 'vitest run',
  },
  mocha: {
    npm: ['mocha@12.0.3'],
    files: { 'a.js': `for (let i = 0; i < 30; i++) it(\`case \${i}\`, (done) => void setTimeout(done, 20));\n` },
    line: 'mocha --reporter landing a.js; mocha --reporter nyan a.js; mocha --reporter progress a.js',
  },
  playwright: {
    npm: ['@playwright/test@1.65.1'],
    files: {
      'a.spec.js': `const { test } = require('@playwright/test');\nfor (let i = 0; i < 10; i++) test(\`case \${i}\`, () => new Promise((done) => setTimeout(done, 50)));\n`,
    },
    line: 'playwright test --reporter=list; playwright test --reporter=line',
  },
  npm: {
    system: 'npm --version',
    files: { 'a/package.json': '{ "name": "a", "version": "1.0.0" }\n', 'b/package.json': '{ "private": true }\n' },
    line: 'cd b; rm -rf node_modules; npm install --offline ../a',
  },
};
