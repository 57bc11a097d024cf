using System.Reflection;
using Hornet.IL.Intrinsics;

namespace Hornet.Tests.IL;

public class IntrinsicTests
{
    public static IEnumerable<MethodInfo> KernelOnlyMembers() =>
        from type in typeof(BpfSession).Assembly.GetExportedTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where method.IsDefined(typeof(KernelOnlyAttribute)) && !type.IsNested
        select method;

    [Fact]
    public void Every_member_for_kernel_code_is_known_to_the_compiler()
    {
        Assert.NotEmpty(KernelOnlyMembers());
        Assert.All(KernelOnlyMembers(), method => Assert.True(IntrinsicTable.Find(method) is not null, $"{method.DeclaringType!.Name}.{method.Name} is [KernelOnly] and not an intrinsic"));
    }

    [Fact]
    public void Every_member_of_a_context_is_known_to_the_compiler()
    {
        var contexts = typeof(BpfSession).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(KernelContextAttribute))).ToList();
        Assert.InRange(contexts.Count, 15, 100);
        Assert.All(contexts.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)), method =>
            Assert.True(IntrinsicTable.Find(method) is not null || method.GetMethodBody()!.GetILAsByteArray()!.Contains((byte)0x7a) == false, $"{method.DeclaringType!.Name}.{method.Name} throws and is no intrinsic"));
    }

    [Fact]
    public void Members_for_kernel_code_throw_in_user_space_and_say_why()
    {
        Assert.Contains("kernel code", Assert.Throws<InvalidOperationException>(() => Bpf.Tgid).Message);
        Assert.Contains("Tgid", Assert.Throws<InvalidOperationException>(() => Bpf.Tgid).Message);
        Assert.Throws<InvalidOperationException>(() => Bpf.Comm(default));
        Assert.Throws<InvalidOperationException>(() => default(XdpContext).Data.Length);
        // A body that returned a constant would be folded into kernel code by trimming.
        Assert.All(KernelOnlyMembers(), method => Assert.Contains((byte)0x7a, method.GetMethodBody()!.GetILAsByteArray()!));
    }

    [Fact]
    public void What_is_not_listed_is_not_known()
    {
        Assert.Null(IntrinsicTable.Find(typeof(Console).GetMethod(nameof(Console.Beep), [])!));
        Assert.Null(IntrinsicTable.Find(typeof(Math).GetMethod(nameof(Math.Sqrt))!));
    }
}
