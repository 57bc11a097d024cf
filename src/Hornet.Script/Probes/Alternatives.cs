using Hornet.Kernel;

namespace Hornet.Script.Probes;

/// <summary>
/// What does nearly the same as a probe that this kernel cannot have: kernels without kprobes, or locked down so that
/// fentry is refused, still have tracepoints.
/// </summary>
internal static class Alternatives
{
    // Functions whose event has another name. Those of the same name are found without a table.
    private static readonly Dictionary<string, string> s_known = new(StringComparer.Ordinal)
    {
        ["finish_task_switch"] = "sched:sched_switch",
        ["finish_task_switch.isra.0"] = "sched:sched_switch",
        ["__schedule"] = "sched:sched_switch",
        ["try_to_wake_up"] = "sched:sched_waking",
        ["wake_up_new_task"] = "sched:sched_wakeup_new",
        ["do_exit"] = "sched:sched_process_exit",
        ["kernel_clone"] = "sched:sched_process_fork",
        ["do_execveat_common"] = "sched:sched_process_exec",
        ["bprm_execve"] = "sched:sched_process_exec",
        ["do_nanosleep"] = "syscalls:sys_enter_clock_nanosleep",
        ["hrtimer_nanosleep"] = "syscalls:sys_enter_clock_nanosleep",
        ["vfs_read"] = "syscalls:sys_enter_read",
        ["vfs_write"] = "syscalls:sys_enter_write",
        ["vfs_open"] = "syscalls:sys_enter_openat",
        ["do_sys_open"] = "syscalls:sys_enter_openat",
        ["do_sys_openat2"] = "syscalls:sys_enter_openat",
        ["vfs_fsync"] = "syscalls:sys_enter_fsync",
        ["vfs_unlink"] = "syscalls:sys_enter_unlinkat",
        ["vfs_mkdir"] = "syscalls:sys_enter_mkdirat",
        ["vfs_rename"] = "syscalls:sys_enter_renameat2",
        ["tcp_drop"] = "skb:kfree_skb",
        ["tcp_drop_reason"] = "skb:kfree_skb",
        ["tcp_set_state"] = "sock:inet_sock_set_state",
        ["tcp_connect"] = "sock:inet_sock_set_state",
        ["tcp_v4_connect"] = "sock:inet_sock_set_state",
        ["tcp_v6_connect"] = "sock:inet_sock_set_state",
        ["inet_csk_accept"] = "sock:inet_sock_set_state",
        ["tcp_sendmsg"] = "sock:sock_send_length",
        ["tcp_recvmsg"] = "sock:sock_recv_length",
        ["oom_kill_process"] = "oom:mark_victim",
        ["blk_account_io_start"] = "block:block_io_start",
        ["__blk_account_io_start"] = "block:block_io_start",
        ["blk_account_io_done"] = "block:block_io_done",
        ["__blk_account_io_done"] = "block:block_io_done",
        ["blk_mq_start_request"] = "block:block_rq_issue",
        ["handle_mm_fault"] = "exceptions:page_fault_user",
        ["do_user_addr_fault"] = "exceptions:page_fault_user",
        ["swap_readpage"] = "vmscan:mm_vmscan_wakeup_kswapd",
        ["cap_capable"] = "capability:cap_capable",
        ["ip_rcv"] = "net:netif_receive_skb",
        ["dev_queue_xmit"] = "net:net_dev_queue",
        ["__dev_queue_xmit"] = "net:net_dev_queue",
        ["kmem_cache_alloc"] = "kmem:kmem_cache_alloc",
        ["__alloc_pages"] = "kmem:mm_page_alloc",
        ["__free_pages"] = "kmem:mm_page_free",
        ["shrink_node"] = "vmscan:mm_vmscan_direct_reclaim_begin",
        ["wb_writeback"] = "writeback:writeback_start",
        ["do_filp_open"] = "syscalls:sys_enter_openat",
    };

    private static readonly string[] s_callPrefixes = ["__x64_sys_", "__arm64_sys_", "__se_sys_", "__do_sys_", "ksys_", "sys_"];

    /// <summary>The attach point nearest to a kernel function's entry or return that this kernel has; null when there is none.</summary>
    /// <param name="function">The function.</param>
    /// <param name="isReturn">Whether its return is wanted.</param>
    /// <param name="hasFentry">Whether functions can be traced through BTF here.</param>
    public static string? Nearest(string function, bool isReturn, bool hasFentry)
    {
        if (hasFentry && KernelCatalog.Types?.FindFunction(function) is not null) return $"{(isReturn ? "fexit" : "fentry")}:{function}";
        if (SystemCall(function, isReturn) is { } call) return call;
        if (!isReturn && s_known.TryGetValue(function, out string? known) && Exists(known)) return "tracepoint:" + known;
        if (isReturn && s_known.TryGetValue(function, out known) && known.StartsWith("syscalls:sys_enter_", StringComparison.Ordinal))
            return SystemCall("sys_" + known["syscalls:sys_enter_".Length..], isReturn: true);
        string bare = function.TrimStart('_');
        string? same = KernelCatalog.Tracepoints(Wildcard.Of("*:" + bare)).FirstOrDefault(t => !t.StartsWith("syscalls:", StringComparison.Ordinal));
        return same is not null && !isReturn ? "tracepoint:" + same : null;
    }

    private static string? SystemCall(string function, bool isReturn)
    {
        foreach (string prefix in s_callPrefixes)
        {
            if (!function.StartsWith(prefix, StringComparison.Ordinal)) continue;
            string name = $"syscalls:sys_{(isReturn ? "exit" : "enter")}_{function[prefix.Length..]}";
            return Exists(name) ? "tracepoint:" + name : null;
        }
        return null;
    }

    private static bool Exists(string tracepoint)
    {
        int colon = tracepoint.IndexOf(':');
        return Tracefs.FindMount() is not null && Tracefs.Exists(tracepoint[..colon], tracepoint[(colon + 1)..]);
    }
}
