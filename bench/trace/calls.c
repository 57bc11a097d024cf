// calls COUNT [RATE [PATH]]: so many getppid(2), as fast as it goes (RATE 0) or so many a second, in steps of a millisecond.
// With a path, so many faccessat(2) of it, with a mode that does not exist: it is refused before anybody looks for the file.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  long count = atol(argv[1]), rate = argc > 2 ? atol(argv[2]) : 0, step = rate ? rate / 1000 : count;
  const char *path = argc > 3 ? argv[3] : NULL;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (long done = 0; done < count;) {
    for (long i = 0; i < step && done < count; i++, done++) {
      if (path) syscall(SYS_faccessat, -1, path, 0xff);
      else syscall(SYS_getppid);
    }
    if (!rate) continue;
    next.tv_nsec += 1000000;
    if (next.tv_nsec >= 1000000000) next.tv_sec++, next.tv_nsec -= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}
