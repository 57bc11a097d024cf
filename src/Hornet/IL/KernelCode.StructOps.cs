using System.Reflection;
using Hornet.Btf;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.Features;
using Hornet.IL.Kernel;
using Hornet.IL.Translate;
using Hornet.IL.Values;
using Hornet.KernelTypes;
using Hornet.Programs;

namespace Hornet.IL;

// Members of tables of functions that the kernel calls: they get the arguments that the member's prototype says.
internal sealed partial class KernelCode
{
    /// <summary>A method that is a member of a table.</summary>
    /// <param name="member">The member.</param>
    /// <param name="prototype">What the member points to.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">The object it is called on.</param>
    public static KernelCode StructOps(KernelMember member, BtfType prototype, MethodInfo method, object target)
    {
        bool isVoid = prototype.Target.Kind == BtfKind.Void;
        string description = $"struct_ops:{member}";
        if (isVoid != (method.ReturnType == typeof(void)) || (!isVoid && ScalarShape.TryCreate(method.ReturnType) is not { IsFloat: false, Size: <= 4 }))
            throw new CompilationException([Diagnostic.Error(TracingRules.Result, null, $"{member} returns {(isVoid ? "nothing" : $"'{BtfCFormatter.TypeName(prototype.Target)}'")}, and {Names.Of(method)} returns {Names.Of(method.ReturnType)}")]);
        var signature = ProbeSignature.Trampoline(member.ToString(), prototype, withResult: false);
        return new KernelCode(new TranslationRequest
        {
            Name = SafeName(member.Name),
            Description = description,
            ProgramType = ProgramType.StructOps,
            Member = member,
            Flags = method.IsDefined(typeof(SleepableAttribute), true) ? ProgramFlags.Sleepable : ProgramFlags.None,
            Method = method,
            Target = method.IsStatic ? null : new ObjectConstant(target),
            Bind = translator => new ProbeBinder(translator, method, translator.Scope.Function.AddParameter(IrType.Pointer(Region.Context), "ctx"), signature).Bind(),
        });
    }
}
