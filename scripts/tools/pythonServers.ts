import { index, type Server } from './tool.ts';

const wsgi = {
  'app.py': `def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Trial"]
`,
};
const asgi = {
  'app.py': `async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Trial"})
`,
};
const flask = {
  files: { 'app.py': 'from flask import Flask\n\napp = Flask(__name__)\napp.route("/")(lambda: "Trial")\n' },
  port: 5000,
};
const django = {
  pip: ['django==5.2.19'],
  prepare: 'test -e manage.py || django-admin startproject site1 .',
  port: 8000,
};

export const pythonServers: Readonly<Record<string, Server>> = {
  'http.server': { system: 'python3 --version', command: 'python3 -m http.server', files: index, port: 8000 },
  'flask run': { pip: ['flask==3.1.3'], ...flask, command: 'flask run' },
  'flask --debug': { pip: ['flask==3.1.3', 'watchdog==7.1.0'], ...flask, command: 'flask run --debug' },
  uvicorn: { pip: ['uvicorn==0.54.0'], command: 'uvicorn app:app', files: asgi, port: 8000 },
  'uvicorn --reload': {
    pip: ['uvicorn==0.54.0', 'watchfiles==1.3.0'],
    command: 'uvicorn --reload app:app',
    files: asgi,
    port: 8000,
  },
  'fastapi dev': {
    pip: ['fastapi[standard]==0.165.0'],
    command: 'fastapi dev main.py',
    files: { 'main.py': 'from fastapi import FastAPI\n\napp = FastAPI()\napp.get("/")(lambda: "Trial")\n' },
    port: 8000,
  },
  gunicorn: { pip: ['gunicorn==27.0.1'], command: 'gunicorn -w 2 app:app', files: wsgi, port: 8000 },
  hypercorn: { pip: ['hypercorn==0.18.0'], command: 'hypercorn app:app', files: asgi, port: 8000 },
  daphne: { pip: ['daphne==4.2.3'], command: 'daphne app:app', files: asgi, port: 8000 },
  waitress: {
    pip: ['waitress==3.0.2'],
    command: 'waitress-serve --listen=127.0.0.1:8080 app:app',
    files: wsgi,
    port: 8080,
  },
  granian: { pip: ['granian==2.8.9'], command: 'granian --interface asgi app:app', files: asgi, port: 8000 },
  sanic: {
    pip: ['sanic==25.12.1'],
    command: 'sanic app:app --dev',
    files: {
      'app.py': `from sanic import Sanic, text

app = Sanic("trial")


@app.get("/")
async def index(_):
    return text("Trial")
`,
    },
    port: 8000,
  },
  'django runserver': { ...django, command: 'python manage.py runserver' },
  'django --noreload': { ...django, command: 'python manage.py runserver --noreload' },
  'jupyter lab': { pip: ['jupyterlab==4.6.6'], command: 'jupyter lab --no-browser', port: 8888 },
  streamlit: {
    pip: ['streamlit==1.67.0'],
    command: 'streamlit run app.py --server.headless true',
    files: { 'app.py': 'import streamlit\n\nstreamlit.title("Trial")\n' },
    port: 8501,
  },
  gradio: {
    pip: ['gradio==6.31.0'],
    command: 'python app.py',
    files: { 'app.py': 'import gradio\n\ngradio.Interface(lambda name: name, "text", "text").launch()\n' },
    port: 7860,
  },
  dash: {
    pip: ['dash==4.4.1'],
    command: 'python app.py',
    files: { 'app.py': 'from dash import Dash, html\n\napp = Dash()\napp.layout = html.H1("Trial")\napp.run()\n' },
    port: 8050,
  },
  marimo: { pip: ['marimo==0.25.2'], command: 'marimo edit --headless --no-token', port: 2718 },
  panel: {
    pip: ['panel==1.9.4'],
    command: 'panel serve app.py',
    files: { 'app.py': 'import panel\n\npanel.panel("Trial").servable()\n' },
    port: 5006,
  },
  tensorboard: {
    pip: ['tensorboard==2.21.0', 'setuptools==80.9.0'],
    command: 'tensorboard --logdir .',
    port: 6006,
  },
  mkdocs: {
    pip: ['mkdocs==1.6.1'],
    command: 'mkdocs serve',
    files: { 'mkdocs.yml': 'site_name: Trial\n', 'docs/index.md': '# Trial\n' },
    port: 8000,
  },
  'sphinx-autobuild': {
    pip: ['sphinx-autobuild==2025.8.25', 'sphinx==9.0.4'],
    command: 'sphinx-autobuild source build',
    files: { 'source/conf.py': 'project = "Trial"\n', 'source/index.rst': 'Trial\n=====\n' },
    port: 8000,
  },
};
