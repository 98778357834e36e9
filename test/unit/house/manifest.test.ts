import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { hostSettings, otherHostSettings } from '../../../src/extension/base/hostSettings.ts';
import {
  commandNames,
  commands,
  contextKeys,
  itemFlags,
  section,
  settings,
  viewContainer,
  views,
} from '../../../src/extension/base/ids.ts';
import { defaultSettings } from '../../../src/api/host.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const read = (name: string): string => readFileSync(join(top, name), 'utf8');
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

interface Clause {
  when?: string;
  enablement?: string;
}

interface Setting {
  type: string;
  default: unknown;
  markdownDescription: string;
  scope: string;
  order: number;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: { type: string };
  additionalProperties?: { type: string; minimum?: number; maximum?: number };
  enum?: string[];
  markdownEnumDescriptions?: string[];
}

interface Manifest {
  icon: string;
  l10n: string;
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    viewsContainers: { activitybar: { id: string; title: string; icon: string }[] };
    views: Record<string, { id: string; name: string; icon: string }[]>;
    viewsWelcome: ({ view: string; contents: string } & Clause)[];
    commands: ({ command: string; title: string; category: string; icon: string } & Clause)[];
    menus: Record<string, ({ command: string } & Clause)[]>;
    keybindings: ({ command: string; key: string } & Clause)[];
    languageModelTools: Clause[];
    configuration: { title: string; properties: Record<string, Setting> }[];
  };
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const words = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { contributes } = manifest;
const menuItems = Object.values(contributes.menus).flat();
const groups = contributes.configuration;
const properties = groups.flatMap((group) => Object.entries(group.properties));
const settingNamed = (name: string): Setting | undefined =>
  properties.find(([known]) => known === `${section}.${name}`)?.[1];
const clauses = [
  ...menuItems,
  ...contributes.viewsWelcome,
  ...contributes.commands,
  ...contributes.keybindings,
  ...contributes.languageModelTools,
]
  .flatMap(({ when, enablement }) => [when, enablement])
  .filter((clause) => clause !== undefined);
const sources = globSync('src/extension/**/*.ts', { cwd: top }).map((name) => ({ name, text: read(name) }));

describe('The manifest and the code', () => {
  it('have the same commands', () => {
    const declared = contributes.commands.map(({ command }) => command);
    assert.deepEqual(declared.toSorted(), commandNames.map((name) => commands[name]).toSorted());
  });

  it('give every command a title, a category and an icon', () => {
    for (const { command, title, category, icon } of contributes.commands) {
      assert.match(title, /^%command\.\w+%$/, command);
      assert.equal(category, '%category%', command);
      assert.match(icon, /^\$\([a-z-]+\)$/, command);
    }
  });

  it('have the same views in the same container', () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [viewContainer],
    );
    assert.deepEqual(Object.keys(contributes.views), [viewContainer]);
    assert.deepEqual(
      contributes.views[viewContainer]?.map(({ id }) => id),
      Object.values(views),
    );
    const known: string[] = Object.values(views);
    for (const { view } of contributes.viewsWelcome) assert.ok(known.includes(view), view);
  });

  it('have the icons that they name', () => {
    const icons = [...contributes.viewsContainers.activitybar, ...(contributes.views[viewContainer] ?? [])];
    for (const icon of [manifest.icon, ...icons.map((each) => each.icon)]) assert.ok(existsSync(join(top, icon)), icon);
  });

  it('offer in menus and welcome texts only commands that there are', () => {
    const known: string[] = commandNames.map((name) => commands[name]);
    for (const { command } of [...menuItems, ...contributes.keybindings]) assert.ok(known.includes(command), command);
    for (const { contents } of contributes.viewsWelcome) {
      const text = words[contents.slice(1, -1)] ?? '';
      for (const [, command = ''] of text.matchAll(/\(command:([\w.]+)\)/g)) {
        assert.ok(known.includes(command) || command.startsWith('workbench.'), command);
      }
    }
  });

  it('know every context key of the when-clauses, and set none that no clause reads', () => {
    const editors = [
      'focusedView',
      'listFocus',
      'inputFocus',
      'resourceExtname',
      'resourceFilename',
      'view',
      'viewItem',
      'isWorkspaceTrusted',
      'editorHasSelection',
      'terminalTextSelected',
      'chatIsEnabled',
      'resourceScheme',
      'false',
    ];
    const used = clauses.flatMap((clause) =>
      clause
        .replaceAll(/\/[^/]*\/|(?<=[=!]=) *\S+/g, '')
        .split(/[^\w.]+/)
        .filter((word) => word !== '' && !word.startsWith(`config.${section}.`)),
    );
    assert.deepEqual(
      sorted(used).filter((key) => !editors.includes(key)),
      sorted(Object.values(contextKeys)),
    );
  });

  it('know every word that when-clauses look for in an item, and give items none that no clause looks for', () => {
    const patterns = clauses.flatMap((clause) =>
      [...clause.matchAll(/viewItem =~ \/([^/]*)\//g)].map(([, text]) => text ?? ''),
    );
    const looked = patterns.flatMap((pattern) => pattern.replaceAll('\\b', ' ').match(/\w+/g) ?? []);
    assert.deepEqual(sorted(looked), sorted(itemFlags));
  });

  it('have the same settings', () => {
    const names = Object.values(settings).map((name) => `${section}.${name}`);
    assert.deepEqual(properties.map(([name]) => name).toSorted(), names.toSorted());
    for (const [key, known] of Object.entries(settings)) {
      const uses = sources.filter(({ name, text }) => !name.endsWith('ids.ts') && text.includes(`settings.${key}`));
      const read = uses.length > 0 || clauses.some((clause) => clause.includes(`config.${section}.${known}`));
      assert.ok(read, `neither code nor a when-clause reads settings.${key}`);
    }
  });

  it('have the settings in four groups, each in its order', () => {
    const titles = groups.map(({ title }) => words[title.slice(1, -1)]);
    assert.deepEqual(titles, ['Limits', 'Notifications', 'History', 'Agents & Host']);
    for (const group of groups) {
      const orders = Object.values(group.properties).map(({ order }) => order);
      assert.deepEqual(
        orders,
        [...orders.keys()].map((index) => index + 1),
      );
    }
  });

  it('give every setting a description, a default, a scope and a range', () => {
    for (const [name, setting] of properties) {
      assert.ok(words[setting.markdownDescription.slice(1, -1)], name);
      assert.notEqual(setting.default, undefined, name);
      assert.match(setting.scope, /^(application|window|resource|machine-overridable)$/, name);
      if (setting.type === 'integer' || setting.type === 'number') {
        assert.ok(setting.minimum !== undefined && setting.maximum !== undefined, name);
      } else if (setting.type === 'string') {
        assert.ok(
          setting.maxLength !== undefined || setting.enum?.length === setting.markdownEnumDescriptions?.length,
          name,
        );
      } else if (setting.type === 'array') {
        assert.equal(setting.items?.type, 'string', name);
      } else if (setting.type === 'object') {
        const { type, minimum, maximum } = setting.additionalProperties ?? {};
        assert.ok(type === 'object' || (type === 'integer' && minimum !== undefined && maximum !== undefined), name);
      } else {
        assert.equal(setting.type, 'boolean', name);
      }
    }
  });

  it('have the defaults of the host, the same for all windows', () => {
    for (const [name, host] of Object.entries(hostSettings)) {
      const setting = settingNamed(name);
      assert.equal(Number(setting?.default) * host.factor, defaultSettings[host.name], name);
      assert.equal(setting?.scope, 'application', name);
    }
    for (const [name, host] of Object.entries(otherHostSettings)) {
      const setting = settingNamed(name);
      assert.deepEqual([setting?.default, setting?.scope], [defaultSettings[host], 'application'], name);
    }
  });

  it('let no workspace change what agents can start', () => {
    for (const name of [settings.agentAllow, settings.agentDeny]) {
      assert.equal(settingNamed(name)?.scope, 'application', name);
    }
  });

  it('let no untrusted workspace choose what is executed', () => {
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    const workspaceMaySet = properties.filter(([, { scope }]) => scope !== 'application').map(([name]) => name);
    const isHarmless = (name: string): boolean => /\.(notifications\.|codeLens\.|gutterIcons$|groupBy$)/.test(name);
    assert.deepEqual(
      restrictedConfigurations,
      workspaceMaySet.filter((name) => !isHarmless(name)),
    );
  });

  it('let the Command Palette find commands by the words that people search for', () => {
    const hidden = contributes.menus['commandPalette']?.filter(({ when }) => when === 'false') ?? [];
    const titles = contributes.commands
      .filter(({ command }) => !hidden.some((item) => item.command === command))
      .map(({ title }) => words[title.slice(1, -1)]?.toLowerCase() ?? '');
    const searched = [
      'run in background',
      'start job',
      'npm script',
      'stop job',
      'terminate',
      'kill',
      'signal',
      'logs',
    ];
    for (const text of [...searched, 'output', 'restart', 'pause', 'remove finished', 'diagnostics', 'limits']) {
      // The palette takes words in their order, others between them.
      const pattern = new RegExp(`\\b${text.split(' ').join('.*\\b')}`);
      assert.ok(
        titles.some((title) => pattern.test(title)),
        text,
      );
    }
  });

  it('use only translatable texts, and contain no unused text', () => {
    const said = read('package.json').matchAll(/"%([\w.]+)%"/g);
    assert.deepEqual(sorted([...said].map(([, key]) => key ?? '')), sorted(Object.keys(words)));
    assert.ok(existsSync(join(top, manifest.l10n)));
  });

  it('write each id in one place of the code', () => {
    const places = sources.filter(({ text }) => /['"`]backgroundJobs\b/.test(text)).map(({ name }) => name);
    assert.deepEqual(places, [join('src', 'extension', 'base', 'ids.ts')]);
  });
});
