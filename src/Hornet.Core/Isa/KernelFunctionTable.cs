namespace Hornet.Isa;

/// <summary>
/// What is known of functions of the kernel that programs may call (kfuncs) besides what BTF says of them: since when they are
/// there, and what they do with references to kernel objects, which a program must give back.
/// </summary>
public static class KernelFunctionTable
{
    [Flags]
    private enum Does
    {
        Nothing = 0,
        Acquires = 1,
        Releases = 2,
        MayBeNull = 4,
    }

    private const Does New = Does.Acquires | Does.MayBeNull;

    // First kernels: the commits that added the functions; the rest: the flags of their BTF_ID_FLAGS. The kernel's own text
    // is where each name stands. Read for Linux 6.18; what is newer is known to be in 7.2 and not in 6.18. A test compares the versions
    // with what each kernel of the matrix has.
    private static readonly Dictionary<string, (Version Since, Does Does)> s_rows = new(StringComparer.Ordinal);

    static KernelFunctionTable()
    {
        Add("5.18", "bpf_xdp_ct_lookup bpf_skb_ct_lookup", New);
        Add("5.18", "bpf_ct_release", Does.Releases);
        Add("6.0", "bpf_xdp_ct_alloc bpf_skb_ct_alloc", New);
        Add("6.0", "bpf_ct_insert_entry", New | Does.Releases);
        Add("6.0", "bpf_ct_set_timeout bpf_ct_change_timeout bpf_ct_set_status bpf_ct_change_status");
        Add("6.1", "bpf_lookup_user_key bpf_lookup_system_key", New);
        Add("6.1", "bpf_key_put", Does.Releases);
        Add("6.1", "bpf_verify_pkcs7_signature bpf_ct_set_nat_info");
        Add("6.2", "bpf_task_acquire bpf_task_from_pid bpf_cgroup_acquire bpf_cgroup_ancestor bpf_obj_new_impl", New);
        Add("6.2", "bpf_task_release bpf_cgroup_release bpf_obj_drop_impl", Does.Releases);
        Add("6.2", "bpf_list_push_front_impl bpf_list_push_back_impl");
        Add("6.2", "bpf_list_pop_front bpf_list_pop_back", New);
        Add("6.2", "bpf_rcu_read_lock bpf_rcu_read_unlock bpf_cast_to_kern_ctx bpf_rdonly_cast");
        Add("6.3", "bpf_rbtree_add_impl");
        Add("6.3", "bpf_rbtree_remove", New);
        Add("6.3", "bpf_rbtree_first", Does.MayBeNull);
        Add("6.3", "bpf_cpumask_create bpf_cpumask_acquire", New);
        Add("6.3", "bpf_cpumask_release", Does.Releases);
        Add("6.3", "bpf_cpumask_first bpf_cpumask_first_zero bpf_cpumask_set_cpu bpf_cpumask_clear_cpu bpf_cpumask_test_cpu bpf_cpumask_test_and_set_cpu bpf_cpumask_test_and_clear_cpu");
        Add("6.3", "bpf_cpumask_setall bpf_cpumask_clear bpf_cpumask_and bpf_cpumask_or bpf_cpumask_xor bpf_cpumask_equal bpf_cpumask_intersects bpf_cpumask_subset bpf_cpumask_empty bpf_cpumask_full bpf_cpumask_copy");
        Add("6.3", "bpf_xdp_metadata_rx_timestamp bpf_xdp_metadata_rx_hash");
        Add("6.4", "bpf_cgroup_from_id bpf_refcount_acquire_impl", New);
        Add("6.4", "bpf_dynptr_from_skb bpf_dynptr_from_xdp bpf_iter_num_new bpf_iter_num_destroy");
        Add("6.4", "bpf_dynptr_slice bpf_dynptr_slice_rdwr bpf_iter_num_next", Does.MayBeNull);
        Add("6.5", "bpf_task_under_cgroup bpf_cpumask_first_and bpf_cpumask_any_distribute bpf_cpumask_any_and_distribute bpf_dynptr_adjust bpf_dynptr_is_null bpf_dynptr_is_rdonly bpf_dynptr_size bpf_dynptr_clone");
        Add("6.5", "bpf_sock_destroy");
        Add("6.6", "bpf_map_sum_elem_count");
        Add("6.6", "bpf_percpu_obj_new_impl", New);
        Add("6.6", "bpf_percpu_obj_drop_impl", Does.Releases);
        Add("6.7", "bpf_throw bpf_sock_addr_set_sun_path");
        Add("6.7", "bpf_iter_task_new bpf_iter_task_destroy bpf_iter_css_new bpf_iter_css_destroy bpf_iter_css_task_new bpf_iter_css_task_destroy bpf_iter_task_vma_new bpf_iter_task_vma_destroy");
        Add("6.7", "bpf_iter_task_next bpf_iter_css_next bpf_iter_css_task_next bpf_iter_task_vma_next", Does.MayBeNull);
        Add("6.8", "bpf_task_get_cgroup1", New);
        Add("6.8", "bpf_cpumask_weight");
        Add("6.8", "bpf_xdp_metadata_rx_vlan_tag bpf_get_file_xattr bpf_get_fsverity_digest");
        Add("6.8", "bpf_xdp_get_xfrm_state", New);
        Add("6.8", "bpf_xdp_xfrm_state_release", Does.Releases);
        Add("6.9", "bpf_arena_alloc_pages bpf_arena_free_pages bpf_sk_assign_tcp_reqsk");
        Add("6.10", "bpf_wq_init bpf_wq_set_callback_impl bpf_wq_start bpf_session_is_return");
        Add("6.10", "bpf_session_cookie");
        Add("6.10", "bpf_preempt_disable bpf_preempt_enable bpf_crypto_encrypt bpf_crypto_decrypt");
        Add("6.10", "bpf_crypto_ctx_create bpf_crypto_ctx_acquire", New);
        Add("6.10", "bpf_crypto_ctx_release", Does.Releases);
        Add("6.11", "bpf_iter_bits_new bpf_iter_bits_destroy");
        Add("6.11", "bpf_iter_bits_next", Does.MayBeNull);
        Add("6.12", "bpf_get_task_exe_file", New);
        Add("6.12", "bpf_put_file", Does.Releases);
        Add("6.12", "bpf_path_d_path");
        Add("6.12", "bpf_copy_from_user_str bpf_get_dentry_xattr");
        // Schedulers' (CONFIG_SCHED_CLASS_EXT).
        Add("6.12", "scx_bpf_create_dsq scx_bpf_destroy_dsq scx_bpf_dsq_nr_queued scx_bpf_dispatch_nr_slots scx_bpf_dispatch_cancel scx_bpf_task_running scx_bpf_task_cpu scx_bpf_error_bstr scx_bpf_exit_bstr");
        Add("6.12", "scx_bpf_select_cpu_dfl scx_bpf_kick_cpu scx_bpf_test_and_clear_cpu_idle scx_bpf_pick_idle_cpu scx_bpf_pick_any_cpu scx_bpf_nr_cpu_ids scx_bpf_cpuperf_cap scx_bpf_cpuperf_cur scx_bpf_cpuperf_set");
        Add("6.12", "scx_bpf_get_possible_cpumask scx_bpf_get_online_cpumask scx_bpf_get_idle_cpumask scx_bpf_get_idle_smtmask scx_bpf_task_cgroup", Does.Acquires);
        Add("6.12", "scx_bpf_put_cpumask scx_bpf_put_idle_cpumask", Does.Releases);
        Add("6.13", "scx_bpf_dsq_insert scx_bpf_dsq_insert_vtime scx_bpf_dsq_move_to_local");
        Add("6.14", "scx_bpf_now");
        Add("6.16", "scx_bpf_select_cpu_and");
        Add("6.18", "scx_bpf_cpu_curr", Does.MayBeNull);
        Add("6.19", "scx_bpf_task_set_slice scx_bpf_task_set_dsq_vtime");
        Add("6.13", "bpf_iter_kmem_cache_new bpf_iter_kmem_cache_destroy");
        Add("6.13", "bpf_get_kmem_cache bpf_iter_kmem_cache_next", Does.MayBeNull);
        Add("6.13", "bpf_send_signal_task");
        Add("6.14", "bpf_task_from_vpid", New);
        Add("6.14", "bpf_local_irq_save bpf_local_irq_restore");
        Add("6.15", "bpf_res_spin_lock bpf_res_spin_unlock bpf_res_spin_lock_irqsave bpf_res_spin_unlock_irqrestore bpf_copy_from_user_task_str bpf_set_dentry_xattr bpf_remove_dentry_xattr bpf_sock_ops_enable_tx_tstamp");
        Add("6.15", "bpf_cpumask_populate");
        Add("6.16", "bpf_dynptr_copy");
        Add("6.16", "bpf_list_front bpf_list_back bpf_rbtree_root bpf_rbtree_left bpf_rbtree_right", Does.MayBeNull);
        Add("6.16", "bpf_copy_from_user_dynptr bpf_copy_from_user_str_dynptr bpf_copy_from_user_task_dynptr bpf_copy_from_user_task_str_dynptr bpf_probe_read_kernel_dynptr bpf_probe_read_kernel_str_dynptr bpf_probe_read_user_dynptr bpf_probe_read_user_str_dynptr");
        Add("6.16", "bpf_iter_dmabuf_new bpf_iter_dmabuf_destroy");
        Add("6.16", "bpf_iter_dmabuf_next", Does.MayBeNull);
        Add("6.17", "bpf_cgroup_read_xattr bpf_arena_reserve_pages");
        Add("6.17", "bpf_strcmp bpf_strchr bpf_strchrnul bpf_strnchr bpf_strrchr bpf_strlen bpf_strnlen bpf_strspn bpf_strcspn bpf_strstr bpf_strnstr bpf_dynptr_memset");
        Add("6.18", "bpf_strcasecmp bpf_task_work_schedule_resume_impl bpf_task_work_schedule_signal_impl bpf_dynptr_from_skb_meta bpf_xdp_pull_data");
        Add("6.19", "bpf_strcasestr bpf_strncasestr bpf_dynptr_from_file bpf_dynptr_file_discard");
        Add("7.0", "bpf_strncasecmp bpf_wq_set_callback bpf_task_work_schedule_resume bpf_task_work_schedule_signal bpf_timer_cancel_async");
        Add("7.0", "bpf_get_mem_cgroup bpf_get_root_mem_cgroup", New);
        Add("7.0", "bpf_put_mem_cgroup", Does.Releases);
        Add("7.0", "bpf_mem_cgroup_usage bpf_mem_cgroup_vm_events bpf_mem_cgroup_memory_events bpf_mem_cgroup_page_state bpf_mem_cgroup_flush_stats");
        Add("7.1", "bpf_list_push_front bpf_list_push_back bpf_rbtree_add");
        Add("7.1", "bpf_obj_new bpf_percpu_obj_new bpf_refcount_acquire", New);
        Add("7.1", "bpf_obj_drop bpf_percpu_obj_drop", Does.Releases);
        Add("7.2", "bpf_list_empty bpf_list_is_first bpf_list_is_last bpf_list_add");
        Add("7.2", "bpf_list_del", New);
    }

    /// <summary>The functions that are known, in the order of their first kernels.</summary>
    public static IReadOnlyCollection<string> Names => s_rows.Keys;

    /// <summary>The first kernel that has a function; null when that is not known.</summary>
    public static Version? FirstKernel(string function) => s_rows.TryGetValue(function, out var row) ? row.Since : null;

    /// <summary>Whether a function's result is a reference that has to be given back.</summary>
    public static bool Acquires(string function) => Is(function, Does.Acquires);

    /// <summary>Whether a function takes back the reference that is its first argument.</summary>
    public static bool Releases(string function) => Is(function, Does.Releases);

    /// <summary>Whether a function's result may be null.</summary>
    public static bool MayBeNull(string function) => Is(function, Does.MayBeNull);

    private static bool Is(string function, Does what) => s_rows.TryGetValue(function, out var row) && (row.Does & what) != 0;

    private static void Add(string since, string names, Does does = Does.Nothing)
    {
        foreach (string name in names.Split(' ')) s_rows.Add(name, (Version.Parse(since), does));
    }
}
