/** What comes within this time after something was told is told together. Milliseconds. */
const togetherMs = 30_000;

/** Tells the first of a kind immediately, and those that follow soon together. */
export class Digest<T> {
  readonly #tellOne: (item: T) => void;
  readonly #tellMany: (items: T[]) => void;
  readonly #withinMs: number;
  #items: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(tellOne: (item: T) => void, tellMany: (items: T[]) => void, withinMs = togetherMs) {
    this.#tellOne = tellOne;
    this.#tellMany = tellMany;
    this.#withinMs = withinMs;
  }

  add(item: T): void {
    if (this.#timer) this.#items.push(item);
    else this.#tell([item]);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #tell(items: T[]): void {
    const [first] = items;
    this.#timer = undefined;
    if (first === undefined) return;
    this.#timer = setTimeout(() => this.#tell(this.#items.splice(0)), this.#withinMs);
    if (items.length === 1) this.#tellOne(first);
    else this.#tellMany(items);
  }
}
