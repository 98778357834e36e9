import { createLinuxProcessSource } from './linuxProcessSource.ts';
import { createNativeWindowsSource } from './nativeWindowsSource.ts';
import type { ProcessSource } from './processSource.ts';
import { createPsProcessSource } from './psProcessSource.ts';
import { withSharedScan, type ProcessTable } from './runTree.ts';
import { windowsApi } from './windowsApi.ts';
import { createWindowsProcessSource } from './windowsProcessSource.ts';

export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  return withSharedScan(createProcessSource(platform));
}

function createProcessSource(platform: NodeJS.Platform): ProcessSource {
  switch (platform) {
    case 'linux':
    case 'android':
      return createLinuxProcessSource();
    case 'win32': {
      const api = windowsApi();
      return api ? createNativeWindowsSource(api) : createWindowsProcessSource();
    }
    default:
      return createPsProcessSource(platform);
  }
}
