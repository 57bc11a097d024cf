using Hornet.Features;
using Hornet.Interop;
using Hornet.Isa;
using Hornet.Kernel;

namespace Hornet.KernelTests.Features;

public class FeatureProbeTests
{
    [KernelFact]
    public void A_helper_is_there_for_one_kind_of_program_and_not_for_another()
    {
        Assert.True(KernelFeatures.Of(BpfHelper.SkbStoreBytes, ProgramType.SchedCls).Probe().IsAvailable);
        var result = KernelFeatures.Of(BpfHelper.SkbStoreBytes, ProgramType.Xdp).Probe();
        Assert.Equal(FeatureState.Unavailable, result.State);
        Assert.Contains("Programs of type Xdp cannot call it", result.Detail);
    }

    [KernelFact]
    public void An_option_that_is_off_is_the_cause_also_where_a_refusal_leaves_the_question_open()
    {
        var config = Kconfig.Running;
        if (config is null) Assert.Skip("the kernel does not tell its configuration");
        var off = Enum.GetValues<BpfHelper>().Where(h => h != 0).Select(h => KernelFeatures.Of(h)!)
            .Where(f => f.Config is { } option && !config.IsEnabled(option) && !FeatureJudge.IsTooOld(f)).ToList();
        if (off.Count == 0) Assert.Skip("this kernel has every option that helpers depend on");
        Assert.All(off, feature => Assert.Equal((feature.Name, FeatureState.Unavailable, UnsupportedCause.Config), (feature.Name, feature.Probe().State, feature.Probe().Cause)));
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void A_kernel_function_that_does_not_exist_is_not_there()
    {
        var result = KernelFeatures.KernelFunction("hornet_no_such_function", ProgramType.SchedCls).Probe();
        Assert.Equal(FeatureState.Unavailable, result.State);
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "6.4")]
    public void A_kernel_function_is_there_for_the_kinds_of_program_it_is_for()
    {
        Assert.True(KernelFeatures.KernelFunction("bpf_dynptr_from_xdp", ProgramType.Xdp).Probe().IsAvailable);
        Assert.Equal(FeatureState.Unavailable, KernelFeatures.KernelFunction("bpf_dynptr_from_xdp", ProgramType.SocketFilter).Probe().State);
        // Only for XDP programs bound to a device, which the verifier says to the others in the same words.
        Assert.Equal(FeatureState.Unavailable, KernelFeatures.KernelFunction("bpf_xdp_metadata_rx_hash", ProgramType.SocketFilter).Probe().State);
        // A function of the kernel's that no program may call.
        Assert.Equal(FeatureState.Unavailable, KernelFeatures.KernelFunction("schedule", ProgramType.SchedCls).Probe().State);
    }

    [KernelFact(Needs.VmlinuxBtf, MinKernel = "6.10")]
    public void The_kernel_lists_its_functions_for_programs()
    {
        var names = KernelFeatures.ListKernelFunctions();
        // The marks are made by pahole 1.26 and later, whatever the kernel's version.
        if (names.Count == 0) Assert.Skip("this kernel's BTF marks no functions for programs");
        Assert.Contains("bpf_rcu_read_lock", names);
        Assert.DoesNotContain("schedule", names);
    }

    [KernelFact]
    public void A_permission_error_is_never_called_not_supported()
    {
        var feature = KernelFeatures.Of(MapType.RingBuf)!;
        var e = FeatureExplainer.Explain(feature, "create map 'x'", Errno.EPERM);
        Assert.IsType<BpfSyscallException>(e);
        Assert.StartsWith("create map 'x': EPERM (Operation not permitted). This process has the capabilities", e.Message);
    }

    [KernelFact]
    public void An_invalid_request_is_explained_by_the_feature_only_where_the_feature_is_missing()
    {
        var feature = KernelFeatures.Of(MapType.Arena)!;
        var e = FeatureExplainer.Explain(feature, "create map 'x'", Errno.EINVAL, "The size is odd.");
        if (KernelVersion.Running >= new KernelVersion(6, 9))
        {
            Assert.Equal("create map 'x': EINVAL (Invalid argument). The size is odd.", Assert.IsType<BpfSyscallException>(e).Message);
        }
        else
        {
            var missing = Assert.IsType<BpfNotSupportedException>(e);
            Assert.Equal(UnsupportedCause.Version, missing.Cause);
            Assert.Equal(new Version(6, 9), missing.MinimumVersion);
            Assert.Contains("It needs Linux 6.9; this is", missing.Message);
        }
    }

    [KernelFact]
    public void Every_number_of_a_map_type_program_type_and_helper_has_its_feature()
    {
        Assert.All(Enum.GetValues<MapType>().Where(t => t != MapType.Unspec), t => Assert.NotNull(KernelFeatures.Of(t)));
        Assert.All(Enum.GetValues<ProgramType>().Where(t => t != ProgramType.Unspec), t => Assert.NotNull(KernelFeatures.Of(t)));
        Assert.All(Enum.GetValues<BpfHelper>().Where(h => h != 0), h => Assert.NotNull(KernelFeatures.Of(h)));
        // The tables are in the kernel's order, so a row in the wrong place would give another kind's answer.
        Assert.Equal("ringbuf", KernelFeatures.Of(MapType.RingBuf)!.Name);
        Assert.Equal("arena", KernelFeatures.Of(MapType.Arena)!.Name);
        Assert.Equal("netfilter", KernelFeatures.Of(ProgramType.Netfilter)!.Name);
        Assert.Equal("lsm", KernelFeatures.Of(ProgramType.Lsm)!.Name);
        Assert.Equal("bpf_cgrp_storage_delete", KernelFeatures.Of(BpfHelper.CgrpStorageDelete)!.Name);
    }

    [KernelFact]
    public void Asking_leaves_nothing_behind()
    {
        int before = KernelDescriptors.Settle();
        foreach (var feature in KernelFeatures.All) _ = feature.Probe();
        Assert.Equal(before, KernelDescriptors.Count());
        Assert.DoesNotContain(DescriptorRegistry.Live, entry => entry.What.Contains("feature probe", StringComparison.Ordinal));
    }
}
