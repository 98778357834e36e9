import { index, type Server } from './tool.ts';

export const systemServers: Readonly<Record<string, Server>> = {
  php: { system: 'php --version', command: 'php -S localhost:8000', files: index, port: 8000 },
  webrick: { system: 'ruby --version', command: 'ruby -run -e httpd .', files: index, port: 8080 },
  hugo: {
    system: 'hugo version',
    command: 'hugo server',
    files: { 'config.toml': 'title = "Trial"\n', 'layouts/index.html': '<h1>Trial</h1>\n' },
    port: 1313,
  },
  caddy: { system: 'caddy version', command: 'caddy file-server --listen :8080', files: index, port: 8080 },
  nginx: {
    system: 'nginx -v',
    command: 'nginx -p . -c nginx.conf',
    files: {
      ...index,
      'nginx.conf': `daemon off;
pid nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  client_body_temp_path temporary;
  server {
    listen 8080;
    root .;
  }
}
`,
    },
    port: 8080,
  },
  'go run': {
    system: 'go version',
    // The first build of the standard library takes long.
    prepare: 'go build -o /dev/null .',
    command: 'go run .',
    files: {
      'go.mod': 'module trial\n',
      'main.go': `package main

import (
	"log"
	"net/http"
)

func main() {
	log.Println("Listening on :8081")
	log.Fatal(http.ListenAndServe(":8081", http.FileServer(http.Dir("."))))
}
`,
    },
    port: 8081,
  },
  redis: { system: 'redis-server --version', command: 'redis-server', port: 6379, isOther: true },
  nats: { system: 'nats-server --version', command: 'nats-server', port: 4222, isOther: true },
  postgres: {
    system: 'postgres --version',
    prepare: 'test -e data || initdb data',
    command: 'postgres -D data -k .',
    port: 5432,
    isOther: true,
  },
};
