// Replaces @vscode/spdlog, which has to be compiled, in the VS Code server. It has the same interface and writes every
// message at once. There is no rotation, because these servers only run for minutes.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

export const version = 0;
export const setLevel = () => {};
export const setFlushOn = () => {};

export class Logger {
  #file;
  #level = 2;
  #plain = false;

  constructor(_type, _name, path) {
    this.#file = openSync(path, 'a');
  }

  trace = (message) => this.#write(0, message);
  debug = (message) => this.#write(1, message);
  info = (message) => this.#write(2, message);
  warn = (message) => this.#write(3, message);
  error = (message) => this.#write(4, message);
  critical = (message) => this.#write(5, message);
  getLevel = () => this.#level;
  setLevel = (level) => void (this.#level = level);
  setPattern = () => {};
  clearFormatters = () => void (this.#plain = true);
  flush = () => {};

  drop() {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(level, message) {
    if (level < this.#level || this.#file === undefined) return;
    const time = new Date().toISOString().replace('T', ' ').slice(0, -1);
    writeSync(this.#file, this.#plain ? message : `${time} [${names[level]}] ${message}\n`);
  }
}

export async function createRotatingLogger(name, path) {
  mkdirSync(dirname(path), { recursive: true });
  return new Logger('rotating', name, path);
}

export const createAsyncRotatingLogger = createRotatingLogger;
