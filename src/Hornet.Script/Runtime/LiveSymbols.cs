using Hornet.Script.Output;
using Hornet.Tracing.Symbols;

namespace Hornet.Script.Runtime;

/// <summary>Names of addresses of this machine. The tables are read when the first name is asked for.</summary>
/// <param name="debugFolders">Where else debugging information is looked for.</param>
/// <param name="demangle">Readable names of C++ functions; null leaves them as they are.</param>
internal sealed class LiveSymbols(IReadOnlyList<string> debugFolders, Func<string, string?>? demangle) : ISymbols, IDisposable
{
    private KernelSymbolizer? _kernel;
    private UserSymbolizer? _user;

    private UserSymbolizer Processes => _user ??= new UserSymbolizer(new UserSymbolizerOptions { DebugFolders = debugFolders });

    /// <summary>Reads what a process has mapped, so that its addresses have names after its end.</summary>
    public void Remember(int process) => Processes.Remember(process, readSymbols: false);

    public void Kernel(ulong address, bool withDebugInfo, List<SymbolFrame> into)
    {
        _kernel ??= KernelSymbolizer.Load();
        if (_kernel.Find(address) is { } symbol) into.Add(new SymbolFrame(symbol.Name, symbol.Offset) { Module = symbol.Module });
    }

    public void User(ulong address, int process, int probe, bool withDebugInfo, List<SymbolFrame> into)
    {
        var symbol = Processes.Resolve(process, address);
        if (symbol.Name is { } name) into.Add(new SymbolFrame(demangle?.Invoke(name) ?? name, symbol.Offset) { Module = symbol.Module });
    }

    public void Dispose() => _user?.Dispose();
}
