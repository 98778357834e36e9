import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { until } from './until.ts';
import { whole } from './match.ts';
import { pickFromMenu } from './menu.ts';
import type { OfferedTool } from './scriptedModel/exchange.ts';
import type { ScriptedModel, Turn } from './scriptedModel/scriptedModel.ts';
import { selectors } from './selectors.ts';
import type { Workbench } from './workbench.ts';

/** The chat view of a window in agent mode, which uses the scripted model. */
export class Chat {
  readonly #workbench: Workbench;
  readonly #page: Page;
  readonly #model: ScriptedModel;

  constructor(workbench: Workbench, model: ScriptedModel) {
    this.#workbench = workbench;
    this.#page = workbench.page;
    this.#model = model;
  }

  /** Enables the chat without a signed-in account, and opens it. */
  async open(): Promise<void> {
    await this.#workbench.runCommand('Chat: Manage Language Models');
    await this.#page.locator(selectors.languageModel, { hasText: 'Scripted' }).waitFor();
    await this.#model.agentIsActive();
    await this.#workbench.closeModalEditor();
    await this.#workbench.runCommand('Chat: Open Chat');
    await this.#page.locator(selectors.chatMode, { hasText: 'Agent' }).waitFor();
    await this.#page.locator(selectors.chatModel, { hasText: 'Scripted' }).waitFor();
    await this.#page.locator(selectors.emptyChat).waitFor();
  }

  /** Sends a prompt in a new chat, in which nothing has been allowed yet. */
  async ask(prompt: string): Promise<Conversation> {
    if (!(await this.#page.locator(selectors.emptyChat).isVisible()))
      await this.#page.locator(selectors.newChat).click();
    await this.#page.locator(selectors.emptyChat).waitFor();
    await this.#page.locator(selectors.chatInput).click();
    await this.#page.keyboard.insertText(prompt);
    await this.#page.keyboard.press('Enter');
    return new Conversation(this.#page, this.#model, await this.#model.nextTurn());
  }

  /** Waits for a message to the chat that does not come from its input. */
  async addressed(): Promise<Conversation> {
    return new Conversation(this.#page, this.#model, await this.#model.nextTurn());
  }

  /** Waits until a tool asks for confirmation. @returns the whole text of the card */
  async question(): Promise<string> {
    const card = this.#page.locator(selectors.chatQuestion);
    await card.waitFor();
    // Without invisible characters, at which a line may break.
    return (await card.innerText()).replaceAll('\u00a0', ' ').replaceAll('\u200b', '');
  }

  /** Whether a part of the confirmation is cut off at the side of the card. */
  async isCutOff(): Promise<boolean> {
    const card = this.#page.locator(selectors.chatQuestion);
    const boxes = [card, ...(await card.locator(selectors.chatQuestionCode).all())].map((one) => one.boundingBox());
    const [edge = 0, ...ends] = (await Promise.all(boxes)).map((box) => (box ? box.x + box.width : 0));
    return ends.some((end) => end > edge);
  }

  async allowOnce(): Promise<void> {
    await until('"Allow Once" is picked', async () => {
      await this.#page.locator(selectors.chatQuestionMore).click();
      return (await pickFromMenu(this.#page, 'Allow Once')) || undefined;
    });
    await this.#answered();
  }

  async skip(): Promise<void> {
    await this.#page.locator(selectors.chatQuestionButton, { hasText: whole('Skip') }).click();
    await this.#answered();
  }

  async #answered(): Promise<void> {
    await this.#page.locator(selectors.chatQuestion).waitFor({ state: 'hidden' });
  }

  /** Stops the agent, as a user would. */
  async stop(): Promise<void> {
    await this.#page.locator(selectors.chatStop).click();
    await this.#page.locator(selectors.chatResponseLoading).waitFor({ state: 'detached' });
  }

  /** The text of the last response: the called tools and the messages of the model. */
  async response(): Promise<string> {
    return this.#page.locator(selectors.chatResponse).last().innerText();
  }
}

/** The model's side of a conversation. It calls tools one after the other, and sends a message at the end. */
export class Conversation {
  readonly #page: Page;
  readonly #model: ScriptedModel;
  #turn: Turn;

  constructor(page: Page, model: ScriptedModel, turn: Turn) {
    this.#page = page;
    this.#model = model;
    this.#turn = turn;
  }

  /** The tools that the agent offers to the model. */
  get tools(): OfferedTool[] {
    return this.#turn.request.tools;
  }

  /** Calls a tool without waiting for its answer. */
  startTool(name: string, input: object): string {
    const id = randomUUID();
    this.#turn.answer({ call: { id, name, input } });
    return id;
  }

  /** The last prompt of the model. */
  get prompt(): string {
    return this.#turn.lastText;
  }

  /** @returns the answer of the tool, as the model gets it */
  async callTool(name: string, input: object): Promise<string> {
    const id = this.startTool(name, input);
    this.#turn = await this.#model.nextTurn();
    return this.#turn.resultOf(id);
  }

  /** Sends a message, and waits until the agent continues by itself. @returns the agent's message to the model */
  async untilAddressed(text: string): Promise<string> {
    this.#turn.answer({ text });
    this.#turn = await this.#model.nextTurn();
    return this.#turn.lastText;
  }

  /** Sends a message, and waits until the response is complete. */
  async end(text: string): Promise<void> {
    this.#turn.answer({ text });
    await this.#page.locator(selectors.chatResponse, { hasText: text }).waitFor();
    await this.#page.locator(selectors.chatResponseLoading).waitFor({ state: 'detached' });
  }
}
