import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { section, settings, views } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { filterWord, hasWord, parseFilter, toggled, windowFilter } from '../model/filter.ts';
import { groupings, type Grouping } from '../model/grouping.ts';
import { jobPickItem, type App, type Handler } from './app.ts';

/** Typing goes on faster than that. */
const typingMs = 120;
const mostFound = 50;

/** Finds a job among all jobs of the host. A text given finds without a question. */
export const find: Handler = async (app, [given]) => {
  const service = await app.connection.need();
  if (typeof given === 'string') return search(service, given);
  const found = await pickFound(app, service);
  if (!found) return undefined;
  const { job, text } = found;
  app.model.know([job]);
  await vscode.commands.executeCommand(`${views.jobs}.focus`);
  // One that the tree has not loaded is shown by what it was found by.
  if (!app.model.isShown(job.id)) app.found.showWith(text === '' ? job.id : text, job.id);
  if (!job.array) app.channels.show(job);
  await app.reveal(job.id);
  return job;
};

/** What runs or waits, then what has ended last. */
async function search(service: JobService, text: string): Promise<Job[]> {
  const [going, ended] = await Promise.all([
    service.listJobs({ text, status: 'running,waiting', limit: mostFound }),
    service.listJobs({ text, order: 'ended', limit: mostFound }),
  ]);
  return [...going.jobs, ...ended.jobs].slice(0, mostFound);
}

function pickFound(app: App, service: JobService): Promise<{ job: Job; text: string } | undefined> {
  const box = vscode.window.createQuickPick<vscode.QuickPickItem & { job: Job }>();
  box.title = t('Find Job');
  box.placeholder = t('Type words of a name, command, status, session, or tag');
  let timer: NodeJS.Timeout | undefined;
  let asked = 0;
  const look = async (): Promise<void> => {
    const question = ++asked;
    box.busy = true;
    const jobs = await search(service, box.value).catch((): Job[] => []);
    // An answer to what was typed before comes too late.
    if (question !== asked) return;
    box.items = jobs.map((job) => ({ ...jobPickItem(app, job), alwaysShow: true }));
    box.busy = false;
  };
  return new Promise((resolve) => {
    box.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), typingMs);
    });
    box.onDidAccept(() => {
      const [item] = box.activeItems;
      resolve(item && { job: item.job, text: box.value.trim() });
      box.hide();
    });
    box.onDidHide(() => {
      clearTimeout(timer);
      asked++;
      resolve(undefined);
      box.dispose();
    });
    box.show();
    void look();
  });
}

interface FilterItem extends vscode.QuickPickItem {
  /** What the filter becomes, from the text in the box. */
  query: (typed: string) => string;
}

/** A filter given is set without a question. */
export const filter: Handler = async (app, [given]) => {
  const service = await app.connection.need();
  const query = typeof given === 'string' ? given : await askFilter(app);
  if (query === undefined) return;
  // What cannot be understood is told, instead of a view that stays empty.
  await service.listJobs({ q: parseFilter(query, app.session()), limit: 1 });
  app.found.query = query;
  await vscode.commands.executeCommand(`${views.jobs}.focus`);
};

export const clearFilter: Handler = (app) => {
  app.found.query = '';
  return Promise.resolve();
};

/** By what the view groups jobs. A grouping given is set without a question. */
export const groupBy: Handler = async (app, [given]) => {
  const labels: Record<Grouping, string> = { session: t('Session'), state: t('State'), tag: t('Tag') };
  const items = groupings.map((grouping) => ({
    label: labels[grouping],
    ...(grouping === app.found.grouping && { description: t('current') }),
    grouping,
  }));
  const options = { title: t('Group Jobs By'), placeHolder: t('Select how to group jobs') };
  const grouping =
    groupings.find((one) => one === given) ?? (await vscode.window.showQuickPick(items, options))?.grouping;
  if (!grouping) return;
  const configuration = vscode.workspace.getConfiguration(section);
  // Where it is set already, so that it takes effect.
  const isOfWorkspace = configuration.inspect(settings.groupBy)?.workspaceValue !== undefined;
  const target = isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update(settings.groupBy, grouping, target);
};

export const showFailed: Handler = (app) => filter(app, ['@failed']);

function askFilter(app: App): Promise<string | undefined> {
  const box = vscode.window.createQuickPick<FilterItem>();
  box.title = t('Filter Jobs');
  box.placeholder = t('Type a filter, for example @failed @window build or name~web since=1h');
  box.value = app.found.query;
  box.items = filterItems(app, box.value);
  return new Promise((resolve) => {
    box.onDidChangeValue((value) => (box.items = filterItems(app, value)));
    box.onDidAccept(() => {
      resolve(box.activeItems[0]?.query(box.value) ?? box.value);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function filterItems({ model, session }: App, typed: string): FilterItem[] {
  const tags = new Set(
    model.jobs().flatMap((job) => Object.entries(job.tags).map(([key, value]) => `${key}=${value}`)),
  );
  const words: [label: string, word: string][] = [
    [t('Failed'), '@failed'],
    [t('Running'), '@running'],
    [t('Waiting'), '@waiting'],
    [t('Succeeded'), '@succeeded'],
    [t('Stopped or Canceled'), '@stopped'],
    [t('Session of This Window: {0}', session()), windowFilter],
    ...model.sessions().map((name): [string, string] => [t('Session: {0}', name), filterWord('session', name)]),
    ...[...tags].sort().map((tag): [string, string] => [t('Tag: {0}', tag), filterWord('tag', tag)]),
  ];
  const items = words.map(([label, word]): FilterItem => {
    const isOn = hasWord(typed, word);
    return {
      label: `${isOn ? '$(check)' : '$(filter)'} ${withoutIcons(label)}`,
      description: word,
      alwaysShow: true,
      query: (value) => toggled(value, word),
    };
  });
  if (typed.trim() === '') return items;
  const apply = t('Show jobs that match "{0}"', withoutIcons(typed.trim()));
  return [{ label: `$(search) ${apply}`, alwaysShow: true, query: (value) => value }, ...items];
}
