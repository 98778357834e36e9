import * as vscode from 'vscode';

/** Where a question belongs. Back leads to what was asked before it, as Escape does. */
export interface Asking {
  title: string;
}

interface TextQuestion extends Asking {
  prompt?: string;
  value?: string;
  placeHolder?: string;
  /** @returns what is wrong, what the text means (severity `Info`), or undefined */
  validate?: (text: string) => Said | Promise<Said>;
  /** Fills the box in some other way. @returns undefined to leave it as it is */
  browse?: { button: vscode.QuickInputButton; text: () => Promise<string | undefined> };
}

type Said = string | vscode.InputBoxValidationMessage | undefined;

/** @returns the text without spaces around it; undefined when the user has gone back */
export async function askText(question: TextQuestion): Promise<string | undefined> {
  const { title, prompt = '', value = '', placeHolder, validate, browse } = question;
  const box = vscode.window.createInputBox();
  box.title = title;
  box.prompt = prompt;
  box.value = value;
  box.placeholder = placeHolder;
  box.ignoreFocusOut = true;
  box.buttons = [vscode.QuickInputButtons.Back, ...(browse ? [browse.button] : [])];
  const check = async (): Promise<boolean> => {
    const text = box.value;
    const said = await validate?.(text.trim());
    if (text !== box.value) return false;
    box.validationMessage = said;
    return said === undefined || (typeof said !== 'string' && said.severity === vscode.InputBoxValidationSeverity.Info);
  };
  return new Promise((resolve) => {
    let isBrowsing = false;
    box.onDidChangeValue(() => void check());
    box.onDidAccept(async () => {
      if (!(await check())) return;
      resolve(box.value.trim());
      box.hide();
    });
    box.onDidTriggerButton(async (button) => {
      if (button === vscode.QuickInputButtons.Back) return box.hide();
      isBrowsing = true;
      box.value = (await browse?.text()) ?? box.value;
      isBrowsing = false;
      box.show();
      await check();
    });
    box.onDidHide(() => {
      // A dialog takes the place of the box.
      if (isBrowsing) return;
      resolve(undefined);
      box.dispose();
    });
    box.show();
    if (value !== '') void check();
  });
}

/** @returns undefined when the user has gone back */
export function askOne<Item extends vscode.QuickPickItem>(
  { title, placeHolder }: Asking & { placeHolder: string },
  items: readonly Item[],
  active?: Item,
): Promise<Item | undefined> {
  const box = vscode.window.createQuickPick<Item>();
  box.title = title;
  box.placeholder = placeHolder;
  box.ignoreFocusOut = true;
  box.matchOnDescription = true;
  box.buttons = [vscode.QuickInputButtons.Back];
  box.items = items;
  if (active) box.activeItems = [active];
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      resolve(box.activeItems[0]);
      box.hide();
    });
    box.onDidTriggerButton(() => box.hide());
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}
