import { outcomes, type Outcome } from './timelineMessages.ts';

/** The colors of the theme, as a canvas takes them. */
export interface Palette {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly focus: string;
  readonly background: string;
  readonly limit: string;
  readonly font: string;
  readonly outcomes: Readonly<Record<Outcome, string>>;
}

const outcomeVariables: Record<Outcome, string> = {
  running: '--vscode-charts-blue',
  waiting: '--vscode-descriptionForeground',
  completed: '--vscode-charts-green',
  failed: '--vscode-charts-red',
  stopped: '--vscode-descriptionForeground',
};

export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const color = (...names: string[]): string =>
    names.map((name) => style.getPropertyValue(name).trim()).find((value) => value !== '') ?? style.color;
  const all = outcomes.map((outcome) => [outcome, color(outcomeVariables[outcome])] as const);
  return {
    text: color('--vscode-foreground'),
    dim: color('--vscode-descriptionForeground'),
    line: color('--vscode-panel-border', '--vscode-contrastBorder', '--vscode-descriptionForeground'),
    focus: color('--vscode-focusBorder'),
    background: color('--vscode-editor-background'),
    limit: color('--vscode-charts-orange'),
    font: `${style.fontSize} ${style.fontFamily}`,
    outcomes: Object.fromEntries(all) as Record<Outcome, string>,
  };
}

/** Calls back when the theme or the zoom has changed. */
export function onLookChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}

export interface Drawing {
  readonly context: CanvasRenderingContext2D;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** An empty canvas with this size in CSS pixels, and as many real ones as the screen has. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number, { font }: Palette): Drawing {
  const ratio = window.devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a size takes time, also the same one.
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = font;
  context.textBaseline = 'middle';
  return { context, width, height };
}
