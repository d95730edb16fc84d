/*
 * A disk that is slow to flush: preloaded into a process, it makes each fsync and fdatasync take longer by
 * SLOW_FSYNC_MICROSECONDS. The real flush happens first; the thread that asked then sleeps, as it would wait for a disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static void wait_for_disk(void) {
  const char *text = getenv("SLOW_FSYNC_MICROSECONDS");
  long microseconds = text == NULL ? 0 : atol(text);
  struct timespec left = {microseconds / 1000000, (microseconds % 1000000) * 1000};
  int before = errno;
  /* By default Linux wakes a thread up to 50 microseconds late. */
  prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
  while (nanosleep(&left, &left) == -1 && errno == EINTR) {
  }
  errno = before;
}

int fsync(int file) {
  static int (*flush)(int);
  if (flush == NULL) flush = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int result = flush(file);
  wait_for_disk();
  return result;
}

int fdatasync(int file) {
  static int (*flush)(int);
  if (flush == NULL) flush = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int result = flush(file);
  wait_for_disk();
  return result;
}
