/** User settings for all editors in tests: no popups, no animations, and no network access. */
export const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'workbench.list.smoothScrolling': false,
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'terminal.integrated.gpuAcceleration': 'off', // keeps the text of terminals in the DOM
  'editor.accessibilitySupport': 'off',
  'security.workspace.trust.startupPrompt': 'never',
  'chat.tools.riskAssessment.enabled': false,
  'chat.byokUtilityModelDefault': 'mainAgent',
} as const satisfies Record<string, unknown>;
