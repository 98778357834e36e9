#!/bin/sh
# The reader of env files in Docker Compose (compose-go 2.16.2) takes a comment after an empty value for the value, though a
# comment after any other value is one. sh, and dotenv for Node, read an empty value.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf 'TOKEN= # ask your team\nPORT=80 # of the server\n' >vars
cat >try.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func main() {
	values, err := dotenv.Read("vars")
	if err != nil {
		panic(err)
	}
	fmt.Printf("compose-go 2.16.2: TOKEN is %q, PORT is %q\n", values["TOKEN"], values["PORT"])
	if values["TOKEN"] != "# ask your team" || values["PORT"] != "80" {
		os.Exit(1)
	}
}
GO
printf 'module try\n\ngo 1.24\n\nrequire github.com/compose-spec/compose-go/v2 v2.16.2\n' >go.mod
GOFLAGS=-mod=mod go run .
sh -c '. ./vars; echo "sh: TOKEN is \"$TOKEN\", PORT is \"$PORT\""; [ -z "$TOKEN" ]'
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact dotenv@17.4.2
node -e '
const { TOKEN, PORT } = require("dotenv").parse(require("fs").readFileSync("vars"));
console.log(`dotenv: TOKEN is "${TOKEN}", PORT is "${PORT}"`);
process.exit(TOKEN === "" && PORT === "80" ? 0 : 1);'
