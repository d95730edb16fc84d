import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lets the flushes of one process fail, as a disk does that is breaking. */
export interface FailingFsync {
  /** For the process: it has to be started with this. */
  readonly environment: Readonly<Record<string, string>>;
  /** From now on each flush of the file whose name ends so fails with EIO. */
  breakFile(ending: string): void;
  /** The disk says that all is well again. */
  mend(): void;
  /** How many flushes have failed, and how many were asked for since then of files of that name. */
  counts(): { readonly failed: number; readonly asked: number };
}

/** @returns null where there is no C compiler, or no LD_PRELOAD */
export function compileFailingFsync(folder: string): FailingFsync | null {
  if (process.platform !== 'linux') return null;
  const [source, library, broken, log] = ['fsync.c', 'fsync.so', 'broken', 'fsync.log'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(source, SOURCE);
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const count = (word: string) =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line === word).length
      : 0;
  return {
    environment: { LD_PRELOAD: library, FSYNC_BROKEN: broken, FSYNC_LOG: log },
    breakFile: (ending) => writeFileSync(broken, ending),
    mend: () => rmSync(broken, { force: true }),
    counts: () => ({ failed: count('failed'), asked: count('asked') }),
  };
}

/** Fails where the file FSYNC_BROKEN names the end of the file's name; afterwards writes down whoever asks again. */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int failed_once = 0;
static void note(const char *word) {
  int fd = open(getenv("FSYNC_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0) return;
  if (write(fd, word, strlen(word)) < 0) { }
  close(fd);
}
static int is_database(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, 4095);
  if (n <= 0) return 0;
  path[n] = 0;
  return strstr(path, "invoke.db") != NULL;
}
static int flush(int fd, const char *name) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  char path[4096], ending[256];
  if (!is_database(fd, path)) return real(fd);
  if (failed_once) note("asked\\n");
  int broken = open(getenv("FSYNC_BROKEN"), O_RDONLY);
  if (broken < 0) return real(fd);
  ssize_t n = read(broken, ending, sizeof ending - 1);
  close(broken);
  if (n <= 0) return real(fd);
  ending[n] = 0;
  size_t length = strlen(path);
  if (length < (size_t)n || strcmp(path + length - n, ending) != 0) return real(fd);
  failed_once = 1;
  note("failed\\n");
  errno = EIO;
  return -1;
}
int fsync(int fd) { return flush(fd, "fsync"); }
int fdatasync(int fd) { return flush(fd, "fdatasync"); }
`;
