/* The same programs through ubpf, loaded into the benchmark's process. Built by bench/run when UBPF names a ubpf tree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ubpf.h>

/* The thread's own time: what others do on the machine meanwhile does not count. */
static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* A machine with a program in it, compiled when asked for; null when ubpf refuses it. */
void *peer_ubpf_load(const void *code, uint32_t length, int jit)
{
	char *error = NULL;
	struct ubpf_vm *vm = ubpf_create();
	if (vm && ubpf_load(vm, code, length, &error) == 0 && (!jit || ubpf_compile(vm, &error)))
		return vm;
	free(error);
	if (vm)
		ubpf_destroy(vm);
	return NULL;
}

/* Nanoseconds for one run, or -1. */
int64_t peer_ubpf_run(void *vm, void *memory, uint64_t length, int jit, uint64_t *result)
{
	char *error = NULL;
	int64_t begin;
	if (jit) {
		ubpf_jit_fn run = ubpf_compile(vm, &error);
		begin = now();
		*result = run(memory, length);
	} else {
		begin = now();
		if (ubpf_exec(vm, memory, length, result))
			return -1;
	}
	return now() - begin;
}
