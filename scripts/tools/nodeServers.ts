import { index, type Server } from './tool.ts';

const express = {
  npm: ['express@5.3.0'],
  files: {
    'server.js': `const app = require('express')();
app.get('/', (_, response) => response.send('Trial'));
app.listen(3000, () => console.log('Example app listening on port 3000'));
`,
  },
  port: 3000,
};
const http = `require('node:http').createServer((_, response) => response.end('Trial'))`;

export const nodeServers: Readonly<Record<string, Server>> = {
  vite: { npm: ['vite@8.4.0'], command: 'vite', files: index, port: 5173 },
  sveltekit: {
    npm: ['@sveltejs/kit@3.2.0', '@sveltejs/vite-plugin-svelte@7.3.1', 'svelte@5.57.3', 'vite@8.4.0'],
    command: 'vite dev',
    files: {
      'vite.config.mjs': `import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };\n`,
      'src/app.html': '<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>\n',
      'src/routes/+page.svelte': '<h1>Trial</h1>\n',
    },
    port: 5173,
  },
  astro: {
    npm: ['astro@7.3.5'],
    command: 'astro dev',
    files: { 'src/pages/index.astro': '<h1>Trial</h1>\n' },
    port: 4321,
  },
  next: {
    npm: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
    command: 'next dev',
    files: {
      'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;\n',
      'app/page.js': 'export default () => <h1>Trial</h1>;\n',
      // Otherwise it takes the folder above that has a lock file for the root of the project.
      'next.config.js': 'module.exports = { turbopack: { root: __dirname } };\n',
    },
    port: 3000,
  },
  nuxt: {
    npm: ['nuxt@4.5.2', 'vue@3.5.45', 'vue-router@4.6.5'],
    command: 'nuxt dev',
    files: { 'app/app.vue': '<template><h1>Trial</h1></template>\n' },
    port: 3000,
  },
  'webpack-dev-server': {
    npm: ['webpack-dev-server@6.1.0', 'webpack@5.113.0', 'webpack-cli@7.3.1'],
    command: 'webpack serve --mode development --static .',
    files: { ...index, 'src/index.js': 'console.log("Trial");\n' },
    port: 8080,
  },
  rsbuild: {
    npm: ['@rsbuild/core@2.3.2'],
    command: 'rsbuild dev',
    files: { 'src/index.js': 'console.log("Trial");\n' },
    port: 3000,
  },
  parcel: { npm: ['parcel@2.16.4'], command: 'parcel index.html', files: index, port: 1234 },
  storybook: {
    npm: ['storybook@10.6.7', '@storybook/html-vite@10.6.0', 'vite@8.4.0'],
    command: 'storybook dev -p 6006 --no-open',
    files: {
      '.storybook/main.js': `export default { stories: ['../*.stories.js'], framework: '@storybook/html-vite' };\n`,
      'a.stories.js': `export default { title: 'Trial', render: () => 'Trial' };\nexport const A = {};\n`,
    },
    port: 6006,
  },
  docusaurus: {
    npm: [
      '@docusaurus/core@3.10.2',
      '@docusaurus/preset-classic@3.10.2',
      '@docusaurus/faster@3.10.2',
      'react@19.3.1',
      'react-dom@19.3.1',
    ],
    command: 'docusaurus start --no-open',
    files: {
      'docusaurus.config.js': `module.exports = { title: 'Trial', url: 'http://localhost', baseUrl: '/', presets: ['classic'] };\n`,
      'sidebars.js': 'module.exports = {};\n',
      'docs/intro.md': '# Trial\n',
      'src/pages/index.md': '# Trial\n',
    },
    port: 3000,
  },
  eleventy: {
    npm: ['@11ty/eleventy@3.1.8'],
    command: 'eleventy --serve',
    files: { 'index.md': '# Trial\n' },
    port: 8080,
  },
  wrangler: {
    npm: ['wrangler@4.164.0'],
    command: 'wrangler dev index.js --compatibility-date 2026-01-01',
    files: { 'index.js': `export default { fetch: () => new Response('Trial') };\n` },
    port: 8787,
  },
  'bun run': {
    npm: ['bun@1.4.5'],
    command: 'bun run server.ts',
    files: {
      'server.ts': `const server = Bun.serve({ fetch: () => new Response('Trial') });\nconsole.log(\`Listening on \${server.url}\`);\n`,
    },
    port: 3000,
  },
  'bun index.html': { npm: ['bun@1.4.5'], command: 'bun index.html', files: index, port: 3000 },
  'deno run': {
    npm: ['deno@2.9.6'],
    command: 'deno run --allow-net server.ts',
    files: { 'server.ts': `Deno.serve(() => new Response('Trial'));\n` },
    port: 8000,
  },
  'deno serve': {
    npm: ['deno@2.9.6'],
    command: 'deno serve server.ts',
    files: { 'server.ts': `export default { fetch: () => new Response('Trial') };\n` },
    port: 8000,
  },
  'http-server': { npm: ['http-server@14.1.1'], command: 'http-server .', files: index, port: 8080 },
  serve: { npm: ['serve@14.2.7'], command: 'serve .', files: index, port: 3000 },
  sirv: { npm: ['sirv-cli@3.0.1'], command: 'sirv .', files: index, port: 8080 },
  'json-server': {
    npm: ['json-server@0.17.4'],
    command: 'json-server db.json',
    files: { 'db.json': '{ "posts": [] }\n' },
    port: 3000,
  },
  'live-server': { npm: ['live-server@1.2.2'], command: 'live-server --no-browser', files: index, port: 8080 },
  'browser-sync': {
    npm: ['browser-sync@3.0.4'],
    command: 'browser-sync start --server --no-open',
    files: index,
    port: 3000,
  },
  'esbuild --serve': {
    npm: ['esbuild@0.28.2'],
    command: 'esbuild --servedir=.',
    // It ends with its input.
    options: ['--stdin', 'pipe'],
    files: index,
    port: 8000,
  },
  'rollup-plugin-serve': {
    npm: ['rollup@4.68.8', 'rollup-plugin-serve@3.0.0'],
    command: 'rollup -c rollup.config.mjs --watch',
    files: {
      ...index,
      'src/index.js': 'console.log("Trial");\n',
      'rollup.config.mjs': `import serve from 'rollup-plugin-serve';
export default { input: 'src/index.js', output: { file: 'out.js' }, plugins: [serve('.')] };
`,
    },
    port: 10001,
  },
  express: { ...express, command: 'node server.js' },
  'node --watch': { ...express, command: 'node --watch server.js' },
  nodemon: { ...express, npm: ['nodemon@3.1.14', ...express.npm], command: 'nodemon server.js' },
  fastify: {
    npm: ['fastify@5.12.8'],
    command: 'node server.js',
    files: {
      'server.js': `const app = require('fastify')({ logger: true });\napp.get('/', async () => 'Trial');\napp.listen({ port: 3000 });\n`,
    },
    port: 3000,
  },
  nest: {
    npm: [
      '@nestjs/core@12.5.1',
      '@nestjs/common@12.5.1',
      '@nestjs/platform-express@12.5.1',
      'reflect-metadata@0.2.2',
      'rxjs@7.8.2',
    ],
    command: 'node server.mjs',
    files: {
      'server.mjs': `import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
class AppModule {}
Module({})(AppModule);
await (await NestFactory.create(AppModule)).listen(3000);
`,
    },
    port: 3000,
  },
  'tsx watch': {
    npm: ['tsx@4.23.15'],
    command: 'tsx watch server.ts',
    files: {
      'server.ts': `${http}.listen(3000, '127.0.0.1', () => console.log('Server running at http://localhost:3000/'));\n`,
    },
    port: 3000,
  },
};
