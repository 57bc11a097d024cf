using Hornet.Btf;

namespace Hornet.KernelTests.Btf;

public class KernelBtfTests
{
    [KernelFact(Needs.VmlinuxBtf)]
    public void The_kernels_types_are_whole_and_found_by_name()
    {
        var vmlinux = KernelBtf.Vmlinux;
        vmlinux.Validate();
        Assert.InRange(vmlinux.TypeCount, 20_000u, BtfSpec.MaxTypeId);
        Assert.Equal(8, vmlinux.PointerSize);
        var task = vmlinux.Find("task_struct", BtfKind.Struct);
        Assert.True(task.TryFindField("comm", out var comm));
        Assert.Equal(16, comm.Type.ByteSize);
        Assert.True(task.TryFindField("pid", out var pid));
        Assert.Equal("pid_t", pid.Type.Name);
        Assert.True(vmlinux.TryFind("vfs_read", BtfKind.Function, out var read));
        Assert.Equal(4, read.Target.Parameters.Count);
        Assert.False(vmlinux.TryFind("no_such_type_in_any_kernel", out _));
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void Every_named_type_is_found_again()
    {
        var vmlinux = KernelBtf.Vmlinux;
        foreach (var type in vmlinux.OwnTypes)
        {
            if (type.IsAnonymous) continue;
            Assert.True(vmlinux.TryFind(type.Name, type.Kind, out var found));
            Assert.True(found.Id <= type.Id);
            Assert.Equal(type.Name, found.Name);
        }
    }

    [KernelFact(Needs.VmlinuxBtf)]
    public void The_kernels_types_twice_are_the_kernels_types_once()
    {
        var vmlinux = KernelBtf.Vmlinux;
        BtfBuilder twice = new();
        twice.AddAll(vmlinux);
        twice.AddAll(vmlinux);
        var once = twice.Deduplicate(out _).Build();
        uint kept = (uint)vmlinux.OwnTypes.Count(t => t.Kind is BtfKind.Variable or BtfKind.DataSection);
        // A type can be in the kernel's own set twice (pahole leaves a few), but hardly any is.
        Assert.InRange(once.TypeCount, vmlinux.TypeCount * 99 / 100, vmlinux.TypeCount + kept * 2);
        Assert.Equal(vmlinux.Find("task_struct", BtfKind.Struct).Count, once.Find("task_struct", BtfKind.Struct).Count);
        Assert.Equal(vmlinux.FindAll("task_struct").ToList().Count, once.FindAll("task_struct").ToList().Count);
    }

    [KernelFact(Needs.ModuleBtf)]
    public void A_module_continues_the_kernels_ids()
    {
        Assert.NotEmpty(KernelBtf.Modules);
        foreach (string name in KernelBtf.Modules)
        {
            Assert.True(KernelBtf.TryGetModule(name, out var module));
            Assert.Same(KernelBtf.Vmlinux, module!.Base);
            Assert.Equal(KernelBtf.Vmlinux.TypeCount, module.FirstId);
            module.Validate();
            // What the build could not tell to be the kernel's own struct (pahole leaves some) the module has again, under an id of
            // its own; so ask for one of the kernel's ids.
            Assert.Same(KernelBtf.Vmlinux, module[KernelBtf.Vmlinux.Find("task_struct", BtfKind.Struct).Id].Spec);
            Assert.True(module.TryFind("task_struct", BtfKind.Struct, out var task));
            Assert.True(ReferenceEquals(task.Spec, module) == task.Id >= module.FirstId);
        }
    }

    [KernelFact(Needs.ModuleBtf)]
    public void A_module_distilled_and_relocated_is_the_module()
    {
        var vmlinux = KernelBtf.Vmlinux;
        foreach (var module in KernelBtf.ReadModules())
        {
            var distilled = module.DistillBase();
            distilled.Base!.Validate();
            distilled.Validate();
            Assert.True(distilled.Base.TypeCount < vmlinux.TypeCount / 10, $"{module}: {distilled.Base.TypeCount} types in the distilled base");
            var back = distilled.RelocateBase(vmlinux);
            back.Validate();
            foreach (var type in module.OwnTypes)
            {
                var other = back[type.Id];
                Assert.Equal((type.Kind, type.Name, type.Size, type.Count), (other.Kind, other.Name, other.Size, other.Count));
                if (type.IsComposite) Assert.Equal(type.Members.Select(Outline), other.Members.Select(Outline));
                if (type.Kind == BtfKind.Function) Assert.Equal(BtfCFormatter.FunctionDeclaration(type), BtfCFormatter.FunctionDeclaration(other));
            }
        }

        static string Outline(BtfMember member) => $"{member} {member.BitfieldSize} {BtfCFormatter.TypeName(member.Type)} {member.Type.ByteSize}";
    }
}
