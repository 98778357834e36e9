import type { Panel, Problem } from '../../../../src/extension/matching/main.ts';

/** What is shown, by owner and file. Several tasks may share it. */
export class Shown implements Panel {
  readonly #problems = new Map<string, readonly Problem[]>();
  readonly open = new Set<string>();

  readonly isOpen = (file: string): boolean => this.open.has(file);

  readonly files = (owner: string): string[] =>
    [...this.#problems.keys()].flatMap((key) => (key.startsWith(`${owner} `) ? [key.slice(owner.length + 1)] : []));

  readonly show = (owner: string, file: string, problems: readonly Problem[]): void => {
    if (problems.length === 0) this.#problems.delete(`${owner} ${file}`);
    else this.#problems.set(`${owner} ${file}`, problems);
  };

  /** Messages with their owners. */
  now(): string[] {
    return [...this.#problems]
      .flatMap(([key, problems]) => problems.map(({ message }) => `${key.split(' ')[0]} ${message}`))
      .sort();
  }
}
