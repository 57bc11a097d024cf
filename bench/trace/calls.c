// calls COUNT [RATE]: so many getppid(2), as fast as it goes or so many a second, in steps of a millisecond.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  long count = atol(argv[1]), rate = argc > 2 ? atol(argv[2]) : 0, step = rate ? rate / 1000 : count;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (long done = 0; done < count;) {
    for (long i = 0; i < step && done < count; i++, done++) syscall(SYS_getppid);
    if (!rate) continue;
    next.tv_nsec += 1000000;
    if (next.tv_nsec >= 1000000000) next.tv_sec++, next.tv_nsec -= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}
