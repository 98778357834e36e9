interface Look {
  readonly theme: string;
  /** As when the window is zoomed by this: there is room for less. */
  readonly scale?: number;
  /** The width of the side bar in pixels; it becomes no narrower than the editor lets it. */
  readonly sideBar?: number;
}

export const looks = {
  light: { theme: 'Default Light Modern' },
  dark: { theme: 'Default Dark Modern' },
  'high-contrast': { theme: 'Default High Contrast' },
  'high-contrast-light': { theme: 'Default High Contrast Light' },
  'zoom-200': { theme: 'Default Dark Modern', scale: 2 },
  narrow: { theme: 'Default Light Modern', sideBar: 170 },
} as const satisfies Record<string, Look>;
export type LookName = keyof typeof looks;

export function lookOf(name: LookName): Look {
  return looks[name];
}
