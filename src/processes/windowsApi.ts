import { windowsLibrary, type SystemFunction } from '../disk/systemLibrary.ts';

/** Handles are numbers, and 0 is none. */
const kernel = {
  createJob: 'intptr_t __stdcall CreateJobObjectW(void *attributes, const char16_t *name)',
  openJob: 'intptr_t __stdcall OpenJobObjectW(uint32_t access, int inherit, const char16_t *name)',
  assignToJob: 'int __stdcall AssignProcessToJobObject(intptr_t job, intptr_t process)',
  queryJob: 'int __stdcall QueryInformationJobObject(intptr_t job, int kind, void *data, uint32_t size, void *used)',
  terminateJob: 'int __stdcall TerminateJobObject(intptr_t job, uint32_t code)',
  currentProcess: 'intptr_t __stdcall GetCurrentProcess()',
  openProcess: 'intptr_t __stdcall OpenProcess(uint32_t access, int inherit, uint32_t pid)',
  setHandle: 'int __stdcall SetHandleInformation(intptr_t handle, uint32_t mask, uint32_t flags)',
  closeHandle: 'int __stdcall CloseHandle(intptr_t handle)',
  attachConsole: 'int __stdcall AttachConsole(uint32_t pid)',
  consolePids: 'uint32_t __stdcall GetConsoleProcessList(void *pids, uint32_t count)',
  sendToConsole: 'int __stdcall GenerateConsoleCtrlEvent(uint32_t event, uint32_t group)',
  ignoreConsole: 'int __stdcall SetConsoleCtrlHandler(void *none, int ignores)',
  freeConsole: 'int __stdcall FreeConsole()',
} as const;

const native = {
  querySystem: 'uint32_t __stdcall NtQuerySystemInformation(int kind, void *data, uint32_t size, void *used)',
  queryProcess:
    'uint32_t __stdcall NtQueryInformationProcess(intptr_t process, int kind, void *data, uint32_t size, void *used)',
} as const;

/** The functions of Windows that are used here: https://learn.microsoft.com/windows/win32/api */
export type WindowsApi = Record<keyof typeof kernel | keyof typeof native, SystemFunction>;

let api: WindowsApi | null | undefined;

/** Null on other systems, and if what calls them is not there for this processor. Loaded when it is needed. */
export function windowsApi(): WindowsApi | null {
  return (api ??= load());
}

function load(): WindowsApi | null {
  try {
    const functions = { ...functionsOf('kernel32.dll', kernel), ...functionsOf('ntdll.dll', native) };
    return functions as WindowsApi;
  } catch {
    return null;
  }
}

/** @throws Error if the library or a function is not there */
function functionsOf(name: string, prototypes: Readonly<Record<string, string>>): Record<string, SystemFunction> {
  const library = windowsLibrary(name);
  if (!library) throw new Error(`${name} cannot be called`);
  return Object.fromEntries(Object.entries(prototypes).map(([key, prototype]) => [key, library.func(prototype)]));
}
