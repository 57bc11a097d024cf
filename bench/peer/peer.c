/* The same work through libbpf, loaded into the benchmark's process so that both sides use the same maps in the same run. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* The time that this thread has had a processor. */
int64_t peer_thread_time(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Nanoseconds for n calls of each; the key is 4 bytes, the value 8. */
int64_t peer_lookup(int fd, int key, int n)
{
	uint64_t value = 0, sum = 0;
	int64_t begin = now();
	for (int i = 0; i < n; i++) {
		bpf_map_lookup_elem(fd, &key, &value);
		sum += value;
	}
	int64_t spent = now() - begin;
	return sum == (uint64_t)-1 ? -1 : spent;
}

int64_t peer_update(int fd, int key, int n)
{
	uint64_t value = 1;
	int64_t begin = now();
	for (int i = 0; i < n; i++)
		bpf_map_update_elem(fd, &key, &value, BPF_ANY);
	return now() - begin;
}

/* A whole map, read and written in batches of the given size. */
int64_t peer_lookup_batch(int fd, uint32_t *keys, uint64_t *values, uint32_t batch)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	uint64_t in = 0, out = 0;
	int begun = 0, error;
	int64_t begin = now();
	do {
		uint32_t count = batch;
		error = bpf_map_lookup_batch(fd, begun ? &in : NULL, &out, keys, values, &count, &opts);
		in = out;
		begun = 1;
	} while (!error);
	return error == -ENOENT || errno == ENOENT ? now() - begin : -1;
}

int64_t peer_update_batch(int fd, uint32_t *keys, uint64_t *values, uint32_t count)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	int64_t begin = now();
	int error = bpf_map_update_batch(fd, keys, values, &count, &opts);
	return error ? -1 : now() - begin;
}

struct tally {
	uint64_t records, sum;
};

static int take(void *context, void *data, size_t size)
{
	struct tally *tally = context;
	tally->records++;
	tally->sum += *(uint64_t *)data;
	return 0;
}

struct reader {
	struct ring_buffer *ring;
	struct tally tally;
};

struct reader *peer_ring_open(int fd)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	reader->ring = ring_buffer__new(fd, take, &reader->tally, NULL);
	if (!reader->ring) {
		free(reader);
		return NULL;
	}
	return reader;
}

/* Takes what is there: nanoseconds; the number of records in *records. */
int64_t peer_ring_consume(struct reader *reader, uint64_t *records)
{
	uint64_t before = reader->tally.records;
	int64_t begin = now();
	ring_buffer__consume(reader->ring);
	int64_t spent = now() - begin;
	*records = reader->tally.records - before;
	return spent;
}

/* Reads until *stop is set, then what is left. With timed set: no wake-ups, a drain each millisecond. */
uint64_t peer_ring_run(struct reader *reader, volatile int *stop, int timed)
{
	while (!*stop) {
		if (timed) {
			struct timespec pause = { 0, 1000000 };
			nanosleep(&pause, NULL);
			ring_buffer__consume(reader->ring);
		} else {
			ring_buffer__poll(reader->ring, 10);
		}
	}
	ring_buffer__consume(reader->ring);
	return reader->tally.records;
}

void peer_ring_close(struct reader *reader)
{
	ring_buffer__free(reader->ring);
	free(reader);
}

/* The producer of the live runs: n system calls that nobody else here makes in such numbers. */
int64_t peer_getppid(int n)
{
	int64_t begin = now();
	for (int i = 0; i < n; i++)
		syscall(SYS_getppid);
	return now() - begin;
}

/* The same by the thread's processor time: what other work on the machine takes away does not count. */
int64_t peer_getppid_cpu(int n)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	for (int i = 0; i < n; i++)
		syscall(SYS_getppid);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec;
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

/* Opens, loads and closes an object file: nanoseconds to the end of the load; -1 when it was refused. */
int64_t peer_object_load(const char *path)
{
	struct bpf_object *object;
	int64_t begin, spent = -1;

	libbpf_set_print(silent);
	begin = now();
	object = bpf_object__open_file(path, NULL);
	if (!object)
		return -1;
	if (!bpf_object__load(object))
		spent = now() - begin;
	bpf_object__close(object);
	return spent;
}
