/**
 * The elements of the workbench of VS Code 1.139. No other file knows its DOM. Roles and accessible names are
 * preferred, because VS Code keeps them stable.
 */
export const selectors = {
  workbench: '.monaco-workbench',
  /** The notification bell, the last part to appear. */
  bell: '.part.statusbar [id="status.notifications"]',
  statusBarItem: '.part.statusbar .statusbar-item',
  statusBarButton: '.statusbar-item-label',

  containerTab: '.part.activitybar li[role="tab"]',
  containerTabBadge: '.badge-content',
  sideBarTitle: '.part.sidebar .title-label h2',
  /** A view: the pane with this heading, visible or not. */
  pane: (title: string) => `.pane:has(.pane-header[aria-label=${quote(`${title} Section`)}])`,
  paneWelcome: '.welcome-view-content',
  paneMessage: '.message:not(.hide)',
  viewAction: (label: string) => `.pane-header .action-label[aria-label^=${quote(label)}]`,

  row: '.monaco-list-row[role="treeitem"]',
  rowLabel: '.label-name',
  rowDescription: '.label-description',
  rowIcon: '.custom-view-tree-node-item-icon',
  rowTwistie: '.monaco-tl-twistie',
  rowActions: '.actions .action-label',
  rowAction: (label: string) => `.actions .action-label[aria-label=${quote(label)}]`,
  tooltip: '.monaco-hover:not(.hidden)',

  menu: '.monaco-menu',
  menuItem: (label: string) => `.monaco-menu .action-menu-item:has(.action-label[aria-label=${quote(label)}])`,
  menuLabel: '.monaco-menu .action-menu-item .action-label',

  quickInput: '.quick-input-widget',
  quickInputBox: '.quick-input-widget .quick-input-filter input',
  quickInputTitle: '.quick-input-widget .quick-input-title',
  quickInputMessage: '.quick-input-widget .quick-input-message',
  quickInputItem: '.quick-input-widget .quick-input-list .monaco-list-row',
  quickInputItemLabel: '.quick-input-list-row:first-child .label-name',
  quickInputItemDescription: '.quick-input-list-row:first-child .label-description',
  quickInputItemDetail: '.quick-input-list-label-meta',
  quickInputBack: '.quick-input-widget .quick-input-titlebar .codicon-quick-input-back',
  quickInputItemButton: (label: string) => `.quick-input-list-entry-action-bar [aria-label="${label}"]`,
  quickInputOk: '.quick-input-widget .quick-input-action .monaco-button',

  toast: '.notifications-toasts .notification-list-item',
  toastMessage: '.notification-list-item-message',
  toastIcon: '.notification-list-item-icon',
  toastClose: '.action-label.codicon-notifications-clear',
  dialog: '.monaco-dialog-box',
  dialogMessage: '.dialog-message-text',
  dialogDetail: '.dialog-message-detail',
  button: '.monaco-button',

  outputChannel: '.part.panel .title-actions select[aria-label="Switch Output"]',
  outputLine: '.output-view .view-line',
  terminal: '.part.panel .terminal-wrapper.active .xterm',
  terminalLine: '.xterm-rows > div',
  terminalTitle: '.part.panel .single-terminal-tab, .part.panel .terminal-tabs-entry',

  /** Settings, workspace trust and the like open in an editor that floats above the window. */
  modalEditor: '.monaco-modal-editor-block',
  modalEditorClose: '.monaco-modal-editor-block .action-label.codicon-close',
  trustButton: '.workspace-trust-editor .monaco-button:text-is("Trust")',

  languageModel: '.models-widget .monaco-list-row',
  newChat: '.part.auxiliarybar .title-actions .action-label.codicon-plus[aria-label^="New Chat"]',
  /** The welcome view of an empty chat. */
  emptyChat: '.part.auxiliarybar .chat-welcome-view',
  chatInput: '.interactive-input-part .interactive-input-editor .monaco-editor',
  chatMode: '.interactive-input-part .chat-input-toolbars .action-item',
  chatModel: '.interactive-input-part .model-picker-name',
  chatQuestion: '.chat-tool-confirmation-carousel',
  chatQuestionCode: '.chat-confirmation-widget-message code',
  chatQuestionButton: '.chat-tool-confirmation-carousel .chat-confirmation-widget-buttons .monaco-text-button',
  chatQuestionMore: '.chat-tool-confirmation-carousel .chat-confirmation-widget-buttons .monaco-dropdown-button',
  chatStop: '.interactive-input-part .action-label.codicon-stop-circle',
  chatResponse: '.interactive-response',
  chatResponseLoading: '.interactive-response.chat-response-loading',

  editorTabs: '.part.editor [role="tab"]',
  editorTab: (name: string) => `.part.editor [role="tab"][data-resource-name=${quote(name)}]`,
  lens: (title: string) => `.part.editor .codelens-decoration a:has-text(${quote(title)})`,
  gutterIcon: '.part.editor .glyph-margin-widgets .cgmr',
  lineNumber: '.part.editor .margin-view-overlays .line-numbers',
  explorerRow: (name: string) => `.explorer-folders-view .monaco-list-row[aria-label^=${quote(name)}]`,
  editorLine: '.part.editor .editor-instance .view-line',
  webview: 'iframe.webview.ready',
  webviewContent: 'iframe#active-frame',
} as const;

/** Quoted as a CSS string. */
function quote(text: string): string {
  return JSON.stringify(text);
}
