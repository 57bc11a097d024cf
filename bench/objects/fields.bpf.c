/* Some fifty relocated fields of six kernel types, in four programs: the size of a real tracing tool. */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct mm_struct {
	unsigned long start_code, end_code, start_data, end_data, start_brk, brk, start_stack, arg_start, arg_end, env_start, env_end, total_vm, locked_vm, data_vm, exec_vm, stack_vm;
};
struct signal_struct {
	int nr_threads, group_exit_code;
	short oom_score_adj;
	unsigned long min_flt, maj_flt, inblock, oublock;
};
struct nsproxy {
	void *uts_ns, *ipc_ns, *mnt_ns, *net_ns;
};
typedef struct {
	unsigned int val;
} kuid_t;
struct cred {
	kuid_t uid, euid, suid, fsuid;
};
struct sched_entity {
	unsigned long long vruntime, sum_exec_runtime;
};
struct task_struct {
	int pid, tgid, flags, prio, static_prio, normal_prio, policy, nr_cpus_allowed, exit_code, exit_signal, exit_state;
	unsigned long long utime, stime, nvcsw, nivcsw, start_time, start_boottime, min_flt, maj_flt;
	struct task_struct *real_parent, *parent, *group_leader;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct nsproxy *nsproxy;
	const struct cred *cred;
	struct sched_entity se;
};
#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 262144);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

const volatile int wanted;
__u64 seen;

static __always_inline void submit(__u64 sum)
{
	__u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return;
	*event = sum;
	bpf_ringbuf_submit(event, 0);
}

SEC("raw_tp/sched_switch")
int switched(void *ctx)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	__u64 sum = 0;

	if (wanted && BPF_CORE_READ(t, tgid) != wanted)
		return 0;
	sum += BPF_CORE_READ(t, pid);
	sum += BPF_CORE_READ(t, tgid);
	sum += BPF_CORE_READ(t, flags);
	sum += BPF_CORE_READ(t, prio);
	sum += BPF_CORE_READ(t, static_prio);
	sum += BPF_CORE_READ(t, normal_prio);
	sum += BPF_CORE_READ(t, policy);
	sum += BPF_CORE_READ(t, nr_cpus_allowed);
	sum += BPF_CORE_READ(t, exit_code);
	sum += BPF_CORE_READ(t, exit_signal);
	sum += BPF_CORE_READ(t, exit_state);
	sum += BPF_CORE_READ(t, utime);
	sum += BPF_CORE_READ(t, stime);
	sum += BPF_CORE_READ(t, nvcsw);
	sum += BPF_CORE_READ(t, nivcsw);
	sum += BPF_CORE_READ(t, start_time);
	sum += BPF_CORE_READ(t, start_boottime);
	sum += BPF_CORE_READ(t, min_flt);
	sum += BPF_CORE_READ(t, maj_flt);
	sum += BPF_CORE_READ(t, se.vruntime);
	sum += BPF_CORE_READ(t, se.sum_exec_runtime);
	submit(sum);
	return 0;
}

SEC("raw_tp/sys_enter")
int entered(void *ctx)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	__u64 sum = 0;

	sum += BPF_CORE_READ(t, mm, start_code);
	sum += BPF_CORE_READ(t, mm, end_code);
	sum += BPF_CORE_READ(t, mm, start_data);
	sum += BPF_CORE_READ(t, mm, end_data);
	sum += BPF_CORE_READ(t, mm, start_brk);
	sum += BPF_CORE_READ(t, mm, brk);
	sum += BPF_CORE_READ(t, mm, start_stack);
	sum += BPF_CORE_READ(t, mm, arg_start);
	sum += BPF_CORE_READ(t, mm, arg_end);
	sum += BPF_CORE_READ(t, mm, env_start);
	sum += BPF_CORE_READ(t, mm, env_end);
	sum += BPF_CORE_READ(t, mm, total_vm);
	sum += BPF_CORE_READ(t, mm, locked_vm);
	sum += BPF_CORE_READ(t, mm, data_vm);
	sum += BPF_CORE_READ(t, mm, exec_vm);
	sum += BPF_CORE_READ(t, mm, stack_vm);
	submit(sum);
	return 0;
}

SEC("raw_tp/sys_exit")
int left(void *ctx)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	__u64 sum = 0;

	sum += BPF_CORE_READ(t, signal, nr_threads);
	sum += BPF_CORE_READ(t, signal, group_exit_code);
	sum += BPF_CORE_READ(t, signal, oom_score_adj);
	sum += BPF_CORE_READ(t, signal, min_flt);
	sum += BPF_CORE_READ(t, signal, maj_flt);
	sum += BPF_CORE_READ(t, signal, inblock);
	sum += BPF_CORE_READ(t, signal, oublock);
	sum += (__u64)BPF_CORE_READ(t, nsproxy, uts_ns);
	sum += (__u64)BPF_CORE_READ(t, nsproxy, ipc_ns);
	sum += (__u64)BPF_CORE_READ(t, nsproxy, mnt_ns);
	sum += (__u64)BPF_CORE_READ(t, nsproxy, net_ns);
	sum += BPF_CORE_READ(t, cred, uid.val);
	sum += BPF_CORE_READ(t, cred, euid.val);
	sum += BPF_CORE_READ(t, cred, suid.val);
	sum += BPF_CORE_READ(t, cred, fsuid.val);
	submit(sum);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int ended(void *ctx)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	__u32 pid = BPF_CORE_READ(t, real_parent, group_leader, tgid);
	__u64 now = bpf_ktime_get_ns();

	seen++;
	bpf_map_update_elem(&starts, &pid, &now, BPF_ANY);
	return 0;
}

char _license[] SEC("license") = "GPL";
