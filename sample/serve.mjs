import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename } from 'node:path';
import { buildPage, names } from './site.mjs';

// Any port that is free.
const port = Number(process.env.PORT ?? 0);
names().forEach(buildPage);

const server = createServer(async (request, response) => {
  const name = basename(new URL(request.url, 'http://localhost').pathname) || 'index.html';
  const page = await readFile(new URL(`dist/${name}`, import.meta.url)).catch(() => undefined);
  response.writeHead(page ? 200 : 404, { 'content-type': 'text/html' }).end(page ?? 'There is no such page.');
  console.log(`${new Date().toISOString()} ${request.method} ${request.url} ${response.statusCode}`);
});
server.listen(port, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}`));
