import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const pages = new URL('pages/', import.meta.url);
const dist = new URL('dist/', import.meta.url);

export const names = () => readdirSync(pages).map((file) => file.replace(/\.md$/, ''));

export const links = (name) => [...source(name).matchAll(/\]\(([^)]+)\.html\)/g)].map((match) => match[1]);

export function buildPage(name) {
  const html = source(name)
    .replace(/^# (.*)$/m, '<h1>$1</h1>')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
  mkdirSync(dist, { recursive: true });
  writeFileSync(new URL(`${name}.html`, dist), `<!doctype html>\n<meta charset="utf-8">\n${html}`);
}

const source = (name) => readFileSync(new URL(`${name}.md`, pages), 'utf8');
