import type { Writer } from './tool.ts';

const tqdm = {
  pip: ['tqdm==4.70.1'],
};
const rich = { pip: ['rich==15.0.0'] };
const py = (program: string) => ({ files: { 'a.py': program }, line: 'python a.py' });

export const pythonWriters: Readonly<Record<string, Writer>> = {
  tqdm: {
    ...tqdm,
    ...py(`import time
from tqdm import tqdm

for _ in tqdm(range(300)):
    time.sleep(0.01)
`),
  },
  'tqdm nested': {
    ...tqdm,
    ...py(`import time
from tqdm import tqdm

for i in tqdm(range(5), desc="all"):
    for _ in tqdm(range(40), desc="part", leave=False):
        time.sleep(0.01)
    tqdm.write(f"part {i} is done")
`),
  },
  'tqdm 8 bars': {
    ...tqdm,
    ...py(`import random, time
from tqdm import tqdm

bars = [tqdm(total=50, position=i, desc=f"bar {i}") for i in range(8)]
for _ in range(400):
    random.choice(bars).update()
    time.sleep(0.005)
for bar in bars:
    bar.close()
`),
  },
  'tqdm wide characters': {
    ...tqdm,
    ...py(`import time
from tqdm import tqdm

for _ in tqdm(range(100), desc="進捗 🚀", ascii=" ▖▘▝▗▚▞█"):
    time.sleep(0.01)
`),
  },
  'rich track': {
    ...rich,
    ...py(`import time
from rich.progress import track

for _ in track(range(100)):
    time.sleep(0.02)
`),
  },
  'rich 8 tasks': {
    ...rich,
    ...py(`import random, time
from rich.progress import Progress

with Progress() as progress:
    tasks = [progress.add_task(f"task {i}", total=30) for i in range(8)]
    for _ in range(300):
        progress.advance(random.choice(tasks))
        time.sleep(0.01)
    progress.console.print("[bold]done[/bold]")
`),
  },
  'rich live table': {
    ...rich,
    ...py(`import time
from rich.live import Live
from rich.table import Table

with Live() as live:
    for i in range(20):
        table = Table("step", "state")
        for row in range(i):
            table.add_row(str(row), "[green]ok")
        live.update(table)
        time.sleep(0.1)
`),
  },
  'rich status': {
    ...rich,
    ...py(`import time
from rich.console import Console

console = Console()
with console.status("Working"):
    for i in range(5):
        console.log(f"step {i}")
        time.sleep(0.3)
`),
  },
  'alive-progress': {
    pip: ['alive-progress==3.3.0'],
    ...py(`import time
from alive_progress import alive_bar

with alive_bar(100) as bar:
    for _ in range(100):
        time.sleep(0.02)
        bar()
`),
  },
  progressbar2: {
    pip: ['progressbar2==4.6.0'],
    ...py(`import time
import progressbar

for _ in progressbar.progressbar(range(100)):
    time.sleep(0.02)
`),
  },
  enlighten: {
    pip: ['enlighten==1.14.1'],
    ...py(`import time
import enlighten

manager = enlighten.get_manager()
bars = [manager.counter(total=50, desc=f"bar {i}") for i in range(3)]
for i in range(50):
    for bar in bars:
        bar.update()
    if i % 20 == 0:
        print("step", i)
    time.sleep(0.02)
manager.stop()
`),
  },
  halo: {
    pip: ['halo==0.0.31'],
    ...py(`import time
from halo import Halo

with Halo(text="Working") as spinner:
    time.sleep(1)
    spinner.text = "Still working"
    time.sleep(1)
    spinner.succeed()
`),
  },
  yaspin: {
    pip: ['yaspin==3.5.1'],
    ...py(`import time
from yaspin import yaspin

with yaspin(text="Working") as spinner:
    time.sleep(1)
    spinner.write("a line")
    time.sleep(1)
    spinner.ok("done")
`),
  },
  click: {
    pip: ['click==8.5.1'],
    ...py(`import time
import click

with click.progressbar(range(100), label="Working") as bar:
    for _ in bar:
        time.sleep(0.02)
click.secho("done", fg="green")
`),
  },
  pytest: {
    pip: ['pytest==9.2.0'],
    files: {
      'test_a.py': `import pytest


@pytest.mark.parametrize("n", range(200))
def test_n(n):
    assert n != 150
`,
    },
    line: 'pytest || true',
  },
  'sphinx-build': {
    pip: ['sphinx==9.0.4'],
    files: { 'source/conf.py': 'project = "Trial"\n', 'source/index.rst': 'Trial\n=====\n' },
    line: 'sphinx-build -E source build',
  },
  uv: {
    pip: ['uv==0.13.9'],
    line: 'rm -rf env; uv venv --offline env; uv pip list --offline -p env',
  },
};
