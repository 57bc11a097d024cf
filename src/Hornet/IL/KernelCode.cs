using System.Reflection;
using Hornet.Compiler;
using Hornet.Compiler.Diagnostics;
using Hornet.Compiler.IR;
using Hornet.IL.Translate;
using Hornet.IL.Values;

namespace Hornet.IL;

/// <summary>A delegate that is to become a program, and which kind.</summary>
internal sealed partial class KernelCode
{
    private readonly TranslationRequest _request;

    private KernelCode(TranslationRequest request) => _request = request;

    /// <summary>The program's name in the kernel.</summary>
    public string Name => _request.Name;

    /// <summary>Code that is given nothing: <c>Action</c> at a tracepoint.</summary>
    public static KernelCode Tracepoint(string tracepoint, Delegate kernel)
    {
        int separator = tracepoint.AsSpan().IndexOfAny(':', '/');
        return Create(tracepoint[(separator + 1)..], $"tracepoint:{tracepoint.Replace('/', ':')}", ProgramType.Tracepoint, kernel, withContext: false);
    }

    /// <summary>Code that is given a packet.</summary>
    public static KernelCode Xdp(string name, Delegate kernel) => Create(name, $"xdp:{name}", ProgramType.Xdp, kernel, withContext: true);

    /// <summary>Compiles the code for the running kernel.</summary>
    /// <exception cref="CompilationException">It cannot be compiled; every reason is in it.</exception>
    /// <param name="options">What it is compiled for; null for the running kernel.</param>
    /// <param name="prints">Gives the buffer that the code prints through.</param>
    public CompilationResult Compile(CompilerOptions? options = null, Func<Printing.PrintChannel>? prints = null)
    {
        options ??= RunningKernel.Options;
        var result = BpfCompiler.Compile(Translate(options, prints), options with { DisplayName = _request.Description });
        result.Program.AttachTo = AttachTo;
        result.Program.InterfaceIndex = InterfaceIndex;
        return result;
    }

    /// <summary>Makes IR of the code.</summary>
    /// <exception cref="CompilationException">It cannot be compiled; every reason is in it.</exception>
    public IrModule Translate(CompilerOptions? options = null, Func<Printing.PrintChannel>? prints = null)
    {
        var translation = Translator.Translate(_request with { Options = options ?? RunningKernel.Options, Prints = prints });
        return translation.Diagnostics.Count == 0 ? translation.Module : throw new CompilationException(translation.Diagnostics);
    }

    /// <summary>The same code for an object that is compiled ahead of time.</summary>
    public KernelCode AheadOfTime(string name, NamedConstants constants) => new(_request with { Name = SafeName(name), Constants = constants }) { AttachTo = AttachTo };

    private static KernelCode Create(string name, string description, ProgramType type, Delegate kernel, bool withContext, AttachType attachType = default, long defaultResult = 0)
    {
        if (!kernel.HasSingleTarget)
            throw new CompilationException([Diagnostic.Error(Rules.Multicast, null, $"{description} is a delegate of {kernel.GetInvocationList().Length} methods")]);
        var method = kernel.Method;
        return new KernelCode(new TranslationRequest
        {
            Name = SafeName(name),
            Description = description,
            ProgramType = type,
            AttachType = attachType,
            DefaultResult = defaultResult,
            Method = method,
            Target = method.IsStatic && kernel.Target is null ? null : new ObjectConstant(kernel.Target),
            Bind = translator => Bind(translator, method, withContext),
        });
    }

    // The kernel gives every program one argument, its context.
    private static ILValue[] Bind(Translator translator, MethodInfo method, bool withContext)
    {
        var context = translator.Scope.Function.AddParameter(IrType.Pointer(Region.Context), "ctx");
        return withContext ? [new StructValue((StructShape)Shape.Of(method.GetParameters()[^1].ParameterType), [new Pointer(context)])] : [];
    }

    private static string SafeName(string name)
    {
        Span<char> safe = stackalloc char[Math.Min(name.Length, 60)];
        for (int i = 0; i < safe.Length; i++) safe[i] = char.IsAsciiLetterOrDigit(name[i]) ? name[i] : '_';
        return safe.Length == 0 ? "program" : char.IsAsciiDigit(safe[0]) ? $"_{safe}" : safe.ToString();
    }
}
