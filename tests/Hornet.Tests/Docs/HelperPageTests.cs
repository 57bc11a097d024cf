using System.Reflection;
using System.Text;
using Hornet.Isa;
using Hornet.KernelTypes;

namespace Hornet.Tests.Docs;

/// <summary>docs/helpers.md: where every helper of the kernel is in C#. One that is nowhere fails here.</summary>
public class HelperPageTests
{
    private const string Begin = "<!-- The rest of this page is made by the tests (HORNET_ACCEPT=1). -->";

    private static readonly ILookup<BpfHelper, string> s_attributed = Attributed();

    // What calls a helper without saying so by an attribute.
    private static readonly Dictionary<BpfHelper, string> s_members = new()
    {
        [BpfHelper.MapLookupElem] = "BpfHashMap.TryGetValue",
        [BpfHelper.MapUpdateElem] = "BpfHashMap.Set",
        [BpfHelper.MapDeleteElem] = "BpfHashMap.Remove",
        [BpfHelper.MapPushElem] = "BpfQueue",
        [BpfHelper.MapPopElem] = "BpfQueue",
        [BpfHelper.MapPeekElem] = "BpfQueue",
        [BpfHelper.MapLookupPercpuElem] = "BpfPerCpuArray",
        [BpfHelper.ForEachMapElem] = "BpfMapIteration.ForEach",
        [BpfHelper.Loop] = "Bpf.Loop",
        [BpfHelper.TailCall] = "BpfReferenceMapExtensions.TailCall",
        [BpfHelper.RedirectMap] = "BpfReferenceMapExtensions.Redirect",
        [BpfHelper.TimerInit] = "BpfTimerExtensions.Start",
        [BpfHelper.TimerSetCallback] = "BpfTimerExtensions.Start",
        [BpfHelper.TimerStart] = "BpfTimerExtensions.Start",
        [BpfHelper.TimerCancel] = "BpfTimerExtensions.Cancel",
        [BpfHelper.KptrXchg] = "BpfKptrExtensions.Exchange",
        [BpfHelper.SpinLock] = "BpfSpinLockExtensions.Enter",
        [BpfHelper.SpinUnlock] = "BpfSpinLockScope.Dispose",
        [BpfHelper.TaskStorageGet] = "BpfTaskStorage",
        [BpfHelper.TaskStorageDelete] = "BpfTaskStorage",
        [BpfHelper.SkStorageGet] = "BpfSocketStorage",
        [BpfHelper.SkStorageDelete] = "BpfSocketStorage",
        [BpfHelper.InodeStorageGet] = "BpfInodeStorage",
        [BpfHelper.InodeStorageDelete] = "BpfInodeStorage",
        [BpfHelper.CgrpStorageGet] = "BpfCgroupStorage",
        [BpfHelper.CgrpStorageDelete] = "BpfCgroupStorage",
        [BpfHelper.GetLocalStorage] = "BpfAttachedCgroupStorage",
        [BpfHelper.GetCurrentPidTgid] = "Bpf.Tgid",
        [BpfHelper.GetCurrentUidGid] = "Bpf.Uid",
        [BpfHelper.GetCurrentComm] = "Bpf.Comm",
        [BpfHelper.GetCurrentTask] = "Bpf.CurrentTask",
        [BpfHelper.GetCurrentTaskBtf] = "Bpf.CurrentTask",
        [BpfHelper.GetCurrentCgroupId] = "Bpf.CgroupId",
        [BpfHelper.GetCurrentAncestorCgroupId] = "Bpf.GetAncestorCgroupId",
        [BpfHelper.CurrentTaskUnderCgroup] = "BpfReferenceMapExtensions.ContainsCurrentTask",
        [BpfHelper.GetNsCurrentPidTgid] = "Bpf.TryGetIdsInNamespace",
        [BpfHelper.KtimeGetNs] = "Bpf.KtimeNs",
        [BpfHelper.KtimeGetBootNs] = "Bpf.BootTimeNs",
        [BpfHelper.KtimeGetCoarseNs] = "Bpf.CoarseTimeNs",
        [BpfHelper.KtimeGetTaiNs] = "Bpf.TaiTimeNs",
        [BpfHelper.Jiffies64] = "Bpf.Jiffies",
        [BpfHelper.GetPrandomU32] = "Bpf.Random",
        [BpfHelper.GetSmpProcessorId] = "Bpf.Cpu",
        [BpfHelper.GetNumaNodeId] = "Bpf.NumaNode",
        [BpfHelper.GetAttachCookie] = "Bpf.AttachCookie",
        [BpfHelper.GetFuncIp] = "Bpf.FunctionAddress",
        [BpfHelper.GetFuncArg] = "Bpf.TryGetArgument",
        [BpfHelper.GetFuncArgCnt] = "Bpf.FunctionArgumentCount",
        [BpfHelper.GetFuncRet] = "Bpf.TryGetFunctionResult",
        [BpfHelper.GetStackid] = "BpfReferenceMapExtensions.Capture",
        [BpfHelper.GetStack] = "Bpf.GetStack",
        [BpfHelper.GetTaskStack] = "Bpf.GetTaskStack",
        [BpfHelper.TaskPtRegs] = "Bpf.GetRegisters",
        [BpfHelper.SendSignal] = "Bpf.SendSignal",
        [BpfHelper.SendSignalThread] = "Bpf.SendSignalToThread",
        [BpfHelper.OverrideReturn] = "Bpf.OverrideReturn",
        [BpfHelper.DPath] = "Bpf.GetPath",
        [BpfHelper.SeqWrite] = "Bpf.SeqWrite",
        [BpfHelper.ProbeRead] = "Bpf.TryReadKernel",
        [BpfHelper.ProbeReadKernel] = "Bpf.TryReadKernel",
        [BpfHelper.ProbeReadUser] = "Bpf.TryReadUser",
        [BpfHelper.ProbeReadStr] = "Bpf.ReadKernelString",
        [BpfHelper.ProbeReadKernelStr] = "Bpf.ReadKernelString",
        [BpfHelper.ProbeReadUserStr] = "Bpf.ReadUserString",
        [BpfHelper.ProbeWriteUser] = "UserPtr",
        [BpfHelper.CopyFromUser] = "Bpf.TryCopyFromUser",
        [BpfHelper.CopyFromUserTask] = "Bpf.TryCopyFromTask",
        [BpfHelper.TracePrintk] = "Bpf.TracePrint",
        [BpfHelper.TraceVprintk] = "Bpf.TracePrint",
        [BpfHelper.RingbufReserve] = "BpfRingBuffer.TryReserve",
        [BpfHelper.RingbufSubmit] = "BpfReservation.Submit",
        [BpfHelper.RingbufDiscard] = "BpfReservation.Discard",
        [BpfHelper.RingbufOutput] = "BpfRingBuffer.Submit",
        [BpfHelper.UserRingbufDrain] = "UserRingBufferExtensions.Drain",
        [BpfHelper.DynptrFromMem] = "BpfDynptr.TryFrom",
        [BpfHelper.DynptrRead] = "BpfDynptr.TryRead",
        [BpfHelper.DynptrWrite] = "BpfDynptr.TryWrite",
        [BpfHelper.DynptrData] = "BpfDynptr.Find",
        [BpfHelper.RingbufReserveDynptr] = "BpfRingBuffer.ReserveBytes",
        [BpfHelper.RingbufSubmitDynptr] = "BpfDynptr.Submit",
        [BpfHelper.RingbufDiscardDynptr] = "BpfDynptr.Discard",
        [BpfHelper.PerfEventOutput] = "Bpf.Output",
        [BpfHelper.PerfEventReadValue] = "Bpf.TryReadCounter",
        [BpfHelper.PerfProgReadValue] = "Bpf.TryReadCounter",
        [BpfHelper.KallsymsLookupName] = "Bpf.TryFindSymbol",
        [BpfHelper.Strtol] = "Bpf.ParseNumber",
        [BpfHelper.TcpRawCheckSyncookieIpv4] = "Bpf.CheckSynCookie",
        [BpfHelper.TcpRawCheckSyncookieIpv6] = "Bpf.CheckSynCookie",
    };

    // Not a member, but a declaration away: KernelHelperAttribute.
    private static readonly Dictionary<BpfHelper, string> s_declared = new()
    {
        [BpfHelper.GetBranchSnapshot] = "hardware's branch records",
        [BpfHelper.ReadBranchRecords] = "hardware's branch records",
        [BpfHelper.PerfEventRead] = "`Bpf.TryReadCounter` tells errors from counts",
        [BpfHelper.SkbGetXfrmState] = "the state of IPsec",
        [BpfHelper.SkbOutput] = "`Bpf.Output` is for programs that have a context; this takes a `SkBuff`",
        [BpfHelper.XdpOutput] = "as `SkbOutput`, of fentry on XDP programs",
        [BpfHelper.SkcLookupTcp] = "as `LookupTcp`, requests too",
        [BpfHelper.SkcToMptcpSock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SkcToTcp6Sock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SkcToTcpRequestSock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SkcToTcpSock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SkcToTcpTimewaitSock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SkcToUdp6Sock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SkcToUnixSock] = "casts of a `Sock`, with a view of the type",
        [BpfHelper.SockFromFile] = "of a `KernelFile`, with a view of `struct socket`",
        [BpfHelper.Strncmp] = "spans compare in place",
        [BpfHelper.Strtoul] = "as `Bpf.ParseNumber`, for what is above `long.MaxValue`",
        [BpfHelper.TcpSendAck] = "congestion control, with a view of `tcp_sock`",
    };

    private static readonly Dictionary<BpfHelper, string> s_none = new()
    {
        [BpfHelper.BtfFindByNameKind] = "for loaders that are programs themselves",
        [BpfHelper.SysBpf] = "for loaders that are programs themselves",
        [BpfHelper.SysClose] = "for loaders that are programs themselves",
        [BpfHelper.RcKeydown] = "infrared receivers",
        [BpfHelper.RcPointerRel] = "infrared receivers",
        [BpfHelper.RcRepeat] = "infrared receivers",
        [BpfHelper.SeqPrintf] = "text is made in user space; `Bpf.SeqWrite` writes bytes",
        [BpfHelper.SeqPrintfBtf] = "text is made in user space; `Bpf.SeqWrite` writes bytes",
        [BpfHelper.Snprintf] = "text is made in user space: `Bpf.Print`",
        [BpfHelper.SnprintfBtf] = "text is made in user space: `Bpf.Print`",
        [BpfHelper.RingbufQuery] = "the reader knows how full its buffer is",
        [BpfHelper.FindVma] = "a callback with the memory area of an address",
        [BpfHelper.PerCpuPtr] = "variables of the kernel by name",
        [BpfHelper.ThisCpuPtr] = "variables of the kernel by name",
    };

    [Fact]
    public void Every_helper_is_somewhere()
    {
        foreach (var helper in Enum.GetValues<BpfHelper>())
        {
            if (helper == BpfHelper.Unspec) continue;
            bool typed = MembersOf(helper).Length > 0;
            Assert.True((typed ? 1 : 0) + (s_declared.ContainsKey(helper) ? 1 : 0) + (s_none.ContainsKey(helper) ? 1 : 0) == 1, $"{helper} is to be in one of the three tables");
        }
    }

    [Fact]
    public void What_the_table_names_exists()
    {
        foreach (var (helper, member) in s_members)
        {
            string[] parts = member.Split('.');
            var types = PublicTypes().Where(type => type.Name.Split('`')[0] == parts[0]).ToArray();
            Assert.True(types.Length > 0, $"{helper}: there is no type {parts[0]}");
            Assert.True(parts.Length == 1 || Array.Exists(types, type => type.GetMember(parts[1]).Length > 0 || type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Any(inner => inner.GetMember(parts[1]).Length > 0)), $"{helper}: there is no {member}");
        }
    }

    [Fact]
    public void The_page_shows_where_each_helper_is()
    {
        string path = Path.Combine(Repository.Root, "docs", "helpers.md");
        string page = File.ReadAllText(path), expected = $"{page[..page.IndexOf(Begin, StringComparison.Ordinal)]}{Begin}\n{Table()}";
        if (Environment.GetEnvironmentVariable("HORNET_ACCEPT") == "1") File.WriteAllText(path, expected);
        else Assert.Equal(expected, page);
    }

    // Functions of the kernel that members call without saying so by an attribute of their own.
    private static readonly Dictionary<string, string> s_functions = new()
    {
        ["scx_bpf_error_bstr"] = "BpfScheduler.Fail",
        ["scx_bpf_exit_bstr"] = "BpfScheduler.Exit",
        ["bpf_get_file_xattr"] = "BpfFile.GetAttribute",
        ["bpf_get_dentry_xattr"] = "BpfFile.GetAttribute",
        ["bpf_set_dentry_xattr"] = "BpfFile.SetAttribute",
        ["bpf_remove_dentry_xattr"] = "BpfFile.RemoveAttribute",
        ["bpf_cgroup_read_xattr"] = "BpfFile.GetAttribute",
        ["bpf_verify_pkcs7_signature"] = "BpfKeys.Verify",
        ["bpf_rdonly_cast"] = "BpfCast.ReadOnly",
        ["bpf_xdp_metadata_rx_timestamp"] = "XdpContext.TryGetTimestamp",
        ["bpf_xdp_metadata_rx_hash"] = "XdpContext.TryGetHash",
        ["bpf_xdp_metadata_rx_vlan_tag"] = "XdpContext.TryGetVlanTag",
        ["bpf_xdp_pull_data"] = "XdpContext.PullData",
        ["bpf_dynptr_slice_rdwr"] = "BpfDynptr.SliceForWriting",
        ["bpf_dynptr_from_skb_meta"] = "BpfDynptr.TryFromMetadata",
        ["bpf_dynptr_from_file"] = "BpfDynptr.TryFrom",
        ["bpf_dynptr_file_discard"] = "BpfDynptr.Close",
        ["bpf_probe_read_kernel_dynptr"] = "BpfDynptr.ReadKernel",
        ["bpf_probe_read_kernel_str_dynptr"] = "BpfDynptr.ReadKernelString",
        ["bpf_probe_read_user_dynptr"] = "BpfDynptr.ReadUser",
        ["bpf_probe_read_user_str_dynptr"] = "BpfDynptr.ReadUserString",
        ["bpf_copy_from_user_dynptr"] = "BpfDynptr.CopyUser",
        ["bpf_copy_from_user_str_dynptr"] = "BpfDynptr.CopyUserString",
        ["bpf_copy_from_user_task_dynptr"] = "BpfDynptr.CopyUser",
        ["bpf_copy_from_user_task_str_dynptr"] = "BpfDynptr.CopyUserString",
        ["bpf_strnchr"] = "BpfText.IndexOf",
        ["bpf_strncasestr"] = "BpfText.IndexOfIgnoringCase",
        ["bpf_iter_dmabuf_new"] = "BpfIterator.DmaBufs",
        ["bpf_list_add"] = "BpfListExtensions.PutBehind",
        ["bpf_list_del"] = "BpfListExtensions.Remove",
        ["bpf_list_empty"] = "BpfListExtensions.IsEmpty",
        ["bpf_list_is_first"] = "BpfListExtensions.IsFirst",
        ["bpf_list_is_last"] = "BpfListExtensions.IsLast",
        ["bpf_timer_cancel_async"] = "BpfTimerExtensions.CancelSoon",
        ["bpf_res_spin_lock"] = "BpfResilientLockExtensions.TryAcquire",
        ["bpf_res_spin_lock_irqsave"] = "BpfResilientLockExtensions.TryAcquire",
        ["bpf_res_spin_unlock"] = "BpfResilientLockExtensions.Release",
        ["bpf_res_spin_unlock_irqrestore"] = "BpfResilientLockExtensions.Release",
        ["bpf_ct_set_nat_info"] = "BpfConnectionTracking.SetTranslation",
        ["bpf_sock_ops_enable_tx_tstamp"] = "BpfConnections.EnableTransmitTimestamps",
        ["bpf_sock_addr_set_sun_path"] = "BpfConnections.SetUnixPath",
        ["bpf_copy_from_user_str"] = "Bpf.CopyUserString",
        ["bpf_copy_from_user_task_str"] = "Bpf.CopyUserString",
        ["bpf_task_under_cgroup"] = "BpfTask.IsUnder",
        ["bpf_send_signal_task"] = "BpfTask.SendSignal",
        ["bpf_cpumask_set_cpu"] = "BpfCpuMask.Add",
        ["bpf_cpumask_clear_cpu"] = "BpfCpuMask.Remove",
        ["bpf_cpumask_test_cpu"] = "BpfCpuMask.Contains",
        ["bpf_cpumask_test_and_set_cpu"] = "BpfCpuMask.TestAndAdd",
        ["bpf_cpumask_test_and_clear_cpu"] = "BpfCpuMask.TestAndRemove",
        ["bpf_rcu_read_lock"] = "BpfSections.Rcu",
        ["bpf_rcu_read_unlock"] = "RcuSection.Dispose",
        ["bpf_preempt_disable"] = "BpfSections.NoPreemption",
        ["bpf_preempt_enable"] = "PreemptionSection.Dispose",
        ["bpf_strncasecmp"] = "BpfText.CompareIgnoringCase",
        ["bpf_strcasestr"] = "BpfText.IndexOfIgnoringCase",
        ["bpf_strnstr"] = "BpfText.IndexOf",
        ["bpf_wq_init"] = "BpfWorkExtensions.Start",
        ["bpf_wq_set_callback_impl"] = "BpfWorkExtensions.Start",
        ["bpf_wq_set_callback"] = "BpfWorkExtensions.Start",
        ["bpf_wq_start"] = "BpfWorkExtensions.Start",
        ["bpf_task_work_schedule_resume_impl"] = "BpfWorkExtensions.RunOnResume",
        ["bpf_task_work_schedule_resume"] = "BpfWorkExtensions.RunOnResume",
        ["bpf_task_work_schedule_signal_impl"] = "BpfWorkExtensions.RunOnSignal",
        ["bpf_task_work_schedule_signal"] = "BpfWorkExtensions.RunOnSignal",
        ["bpf_iter_css_task_new"] = "BpfIterator.ProcessesIn",
        ["bpf_iter_task_vma_new"] = "BpfIterator.Areas",
        ["bpf_iter_kmem_cache_new"] = "BpfIterator.SlabCaches",
        ["bpf_crypto_encrypt"] = "BpfCrypto.Encrypt",
        ["bpf_crypto_decrypt"] = "BpfCrypto.Decrypt",
        ["bpf_session_is_return"] = "Bpf.IsReturn",
        ["bpf_session_cookie"] = "Bpf.SessionCookie",
        ["bpf_obj_new_impl"] = "BpfObjects.New",
        ["bpf_obj_drop_impl"] = "BpfObjects.Drop",
        ["bpf_refcount_acquire_impl"] = "BpfObjects.Acquire",
        ["bpf_list_push_front_impl"] = "BpfListExtensions.PushFront",
        ["bpf_list_push_back_impl"] = "BpfListExtensions.PushBack",
        ["bpf_list_pop_front"] = "BpfListExtensions.PopFront",
        ["bpf_list_pop_back"] = "BpfListExtensions.PopBack",
        ["bpf_list_front"] = "BpfListExtensions.Front",
        ["bpf_list_back"] = "BpfListExtensions.Back",
        ["bpf_rbtree_add_impl"] = "BpfTreeExtensions.Add",
        ["bpf_rbtree_remove"] = "BpfTreeExtensions.Remove",
        ["bpf_rbtree_first"] = "BpfTreeExtensions.First",
        ["bpf_rbtree_root"] = "BpfTreeExtensions.Root",
        ["bpf_rbtree_left"] = "BpfTreeExtensions.Left",
        ["bpf_rbtree_right"] = "BpfTreeExtensions.Right",
        ["bpf_strcasecmp"] = "BpfText.CompareIgnoringCase",
        ["bpf_strstr"] = "BpfText.IndexOf",
        ["bpf_strspn"] = "BpfText.CountOf",
        ["bpf_strcspn"] = "BpfText.CountUntil",
        ["bpf_iter_num_new"] = "BpfIterator.Numbers",
        ["bpf_iter_task_new"] = "BpfIterator.Processes",
        ["bpf_iter_css_new"] = "BpfIterator.Descendants",
        ["bpf_iter_bits_new"] = "BpfIterator.Bits",
        ["bpf_dynptr_from_skb"] = "BpfDynptr.TryFrom",
        ["bpf_dynptr_from_xdp"] = "BpfDynptr.TryFrom",
        ["bpf_dynptr_slice"] = "BpfDynptr.Slice",
        ["bpf_dynptr_size"] = "BpfDynptr.Size",
        ["bpf_dynptr_is_null"] = "BpfDynptr.IsNull",
        ["bpf_dynptr_is_rdonly"] = "BpfDynptr.IsReadOnly",
        ["bpf_dynptr_adjust"] = "BpfDynptr.TryNarrow",
        ["bpf_dynptr_clone"] = "BpfDynptr.TryClone",
        ["bpf_dynptr_copy"] = "BpfDynptr.TryCopyTo",
        ["bpf_dynptr_memset"] = "BpfDynptr.TryFill",
    };

    // The kernel has them under a new name beside the one that members call, or nothing in C# could use them.
    private static readonly Dictionary<string, string> s_otherFunctions = new()
    {
        ["bpf_obj_new"] = "as `bpf_obj_new_impl`, which is called",
        ["bpf_obj_drop"] = "as `bpf_obj_drop_impl`, which is called",
        ["bpf_refcount_acquire"] = "as `bpf_refcount_acquire_impl`, which is called",
        ["bpf_list_push_front"] = "as `bpf_list_push_front_impl`, which is called",
        ["bpf_list_push_back"] = "as `bpf_list_push_back_impl`, which is called",
        ["bpf_rbtree_add"] = "as `bpf_rbtree_add_impl`, which is called",
        ["bpf_percpu_obj_new_impl"] = "not there: objects of their own for each CPU",
        ["bpf_percpu_obj_drop_impl"] = "not there: objects of their own for each CPU",
        ["bpf_percpu_obj_new"] = "not there: objects of their own for each CPU",
        ["bpf_percpu_obj_drop"] = "not there: objects of their own for each CPU",
        ["bpf_arena_alloc_pages"] = "not there: arenas are written by user space, or by programs in C",
        ["bpf_arena_free_pages"] = "not there: arenas are written by user space, or by programs in C",
        ["bpf_arena_reserve_pages"] = "not there: arenas are written by user space, or by programs in C",
    };

    [Fact]
    public void Every_function_is_somewhere()
    {
        var members = CallsOf(BindingFlags.Public).ToLookup(call => call.Function, call => call.Member);
        foreach (string name in KernelFunctionTable.Names)
        {
            if (name.StartsWith("bpf_iter_", StringComparison.Ordinal) && !name.EndsWith("_new", StringComparison.Ordinal)) continue;
            Assert.True((members.Contains(name) || s_functions.ContainsKey(name)) != s_otherFunctions.ContainsKey(name), $"{name} is to be a member, or in the table of the others");
        }
    }

    [Fact]
    public void What_the_table_of_functions_names_exists()
    {
        foreach (var (function, member) in s_functions)
        {
            string[] parts = member.Split('.');
            Assert.Contains(function, KernelFunctionTable.Names);
            Assert.Contains(PublicTypes(), type => type.Name.Split('`')[0] == parts[0] && type.GetMember(parts[1]).Length > 0);
        }
    }

    [Fact]
    public void Every_function_that_a_member_calls_is_in_the_table()
    {
        var called = CallsOf(BindingFlags.Public | BindingFlags.NonPublic).Select(call => call.Function).Distinct();
        Assert.Empty(called.Except(KernelFunctionTable.Names));
    }

    private static IEnumerable<(string Function, string Member)> CallsOf(BindingFlags access) =>
        from type in typeof(Bpf).Assembly.GetExportedTypes()
        from method in type.GetMethods(access | BindingFlags.Static | BindingFlags.DeclaredOnly)
        let attribute = method.GetCustomAttribute<KernelFunctionAttribute>()
        where attribute is not null
        select (attribute.Name, $"{type.Name}.{method.Name}");

    private static string FunctionTable()
    {
        var members = CallsOf(BindingFlags.Public).ToLookup(call => call.Function, call => call.Member);
        StringBuilder text = new("\n## Functions of the kernel\n\n| function | since | in C# |\n|---|---|---|\n");
        foreach (string name in KernelFunctionTable.Names.OrderBy(name => KernelFunctionTable.FirstKernel(name)).ThenBy(name => name, StringComparer.Ordinal))
        {
            // The other two of an iterator's functions go with the first.
            if (name.StartsWith("bpf_iter_", StringComparison.Ordinal) && !name.EndsWith("_new", StringComparison.Ordinal)) continue;
            var found = members[name].Distinct().Concat(s_functions.TryGetValue(name, out string? known) ? [known] : []).Distinct().Order(StringComparer.Ordinal).Select(member => $"`{member}`").ToArray();
            text.Append($"| `{name}` | {KernelFunctionTable.FirstKernel(name)} | {(found.Length > 0 ? string.Join(", ", found) : s_otherFunctions.GetValueOrDefault(name, "declare it"))} |\n");
        }
        return text.ToString();
    }

    private static string Table()
    {
        StringBuilder text = new("\n| helper | since | GPL | in C# |\n|---|---|---|---|\n");
        foreach (var helper in Enum.GetValues<BpfHelper>())
        {
            if (helper == BpfHelper.Unspec) continue;
            string where = MembersOf(helper) is { Length: > 0 } members ? string.Join(", ", members.Select(member => $"`{member}`"))
                : s_declared.TryGetValue(helper, out string? note) ? $"declare it: {note}" : $"not there: {s_none[helper]}";
            text.Append($"| `{HelperTable.NameOf(helper)}` | {HelperTable.FirstKernel(helper)} | {(HelperTable.IsGplOnly(helper) ? "yes" : "")} | {where} |\n");
        }
        return text.Append(FunctionTable()).ToString();
    }

    private static string[] MembersOf(BpfHelper helper)
    {
        string[] found = [.. s_attributed[helper].Distinct().Order(StringComparer.Ordinal)];
        return s_members.TryGetValue(helper, out string? known) ? [.. found.Prepend(known).Distinct()] : found;
    }

    private static ILookup<BpfHelper, string> Attributed() =>
        (from type in typeof(Bpf).Assembly.GetExportedTypes()
         from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
         let helper = member.GetCustomAttribute<HelperAttribute>()?.Helper ?? member.GetCustomAttribute<KernelHelperAttribute>()?.Helper
         where helper is not null
         select (Helper: helper.Value, Member: $"{type.Name.Split('`')[0]}.{member.Name}")).ToLookup(found => found.Helper, found => found.Member);

    private static IEnumerable<Type> PublicTypes() => typeof(Bpf).Assembly.GetExportedTypes().Concat(typeof(BpfHelper).Assembly.GetExportedTypes());
}
