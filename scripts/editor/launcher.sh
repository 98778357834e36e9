#!/bin/sh
# The executable that stands for VS Code; see launcher.ts.
here=$(dirname "$0")
exec "$here/../../node_modules/node/bin/node" --disable-warning=MODULE_TYPELESS_PACKAGE_JSON "$here/launcher.ts" "$@"
