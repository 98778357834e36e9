import type { Writer } from './tool.ts';

/** A server of a file, which ends with the shell. */
const download = 'head -c 30000000 /dev/zero >file; python3 -m http.server 8099 >/dev/null 2>&1 & sleep 2; ';
const sources = `mkdir -p src; for i in $(seq 40); do echo "int f$i(void) { return $i; }" >src/f$i.c; done; `;

export const systemWriters: Readonly<Record<string, Writer>> = {
  curl: {
    system: 'curl --version',
    line: `${download}curl --limit-rate 10M -o copy http://127.0.0.1:8099/file; kill $!`,
  },
  'curl -#': {
    system: 'curl --version',
    line: `${download}curl -# --limit-rate 10M -o copy http://127.0.0.1:8099/file; kill $!`,
  },
  wget: {
    system: 'wget --version',
    line: `${download}wget --limit-rate=10M -O copy http://127.0.0.1:8099/file; kill $!`,
  },
  'wget bar': {
    system: 'wget --version',
    line: `${download}wget --progress=bar:force --limit-rate=10M -O copy http://127.0.0.1:8099/file; kill $!`,
  },
  rsync: {
    system: 'rsync --version',
    line: 'head -c 30000000 /dev/zero >file; rm -f copy; rsync --bwlimit=10M --info=progress2 file copy',
  },
  'git clone': {
    system: 'git --version',
    prepare: `git init -q a && cd a && for i in $(seq 3000); do echo $i >$i; done && git add . && git -c user.name=a -c user.email=a@example.org commit -qm a`,
    line: 'rm -rf copy; git clone --progress "file://$PWD/a" copy',
  },
  dd: { system: 'dd --version', line: 'head -c 30000000 /dev/zero | pv -qL 10M | dd of=copy status=progress' },
  pv: { system: 'pv --version', line: 'head -c 30000000 /dev/zero | pv -f -L 10M >copy' },
  ffmpeg: {
    system: 'ffmpeg -version',
    line: 'ffmpeg -y -re -f lavfi -i testsrc=duration=3 -c:v mpeg4 copy.mp4',
  },
  'mkfs.ext4': { system: 'mkfs.ext4 -V', line: 'truncate -s 500M image; mkfs.ext4 -F image' },
  ninja: {
    system: 'ninja --version',
    line: `printf 'rule s\\n command = sleep 0.05 && touch $out\\n' >build.ninja; for i in $(seq 40); do echo "build o$i: s" >>build.ninja; done; ninja -t clean >/dev/null; ninja`,
  },
  cmake: {
    system: 'cmake --version',
    files: { 'CMakeLists.txt': 'project(trial C)\nfile(GLOB sources src/*.c)\nadd_library(trial ${sources})\n' },
    line: `${sources}rm -rf build; cmake -S . -B build && cmake --build build`,
  },
  cargo: {
    system: 'cargo --version',
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n',
      'a/Cargo.toml':
        '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nb = { path = "../b" }\n',
      'a/src/main.rs': 'fn main() {\n    b::f();\n}\n',
      'b/Cargo.toml': '[package]\nname = "b"\nversion = "0.1.0"\nedition = "2021"\n',
      'b/src/lib.rs': 'pub fn f() {}\n',
    },
    line: 'rm -rf target; CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 cargo build --offline',
  },
  'go test': {
    system: 'go version',
    files: {
      'go.mod': 'module trial\n',
      'a_test.go': 'package main\n\nimport "testing"\n\nfunc TestA(t *testing.T) { t.Log("a") }\n',
    },
    line: 'go test -v -count=1 .',
  },
  top: { system: 'ps --version', line: 'top -d 0.5 -n 4 $(test -t 1 || echo -b)' },
  watch: { system: 'watch --version', line: 'timeout --foreground 3 watch -n 1 seq 5; true' },
};
