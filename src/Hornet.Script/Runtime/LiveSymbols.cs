using System.Globalization;
using Hornet.Script.Output;
using Hornet.Script.Probes;
using Hornet.Tracing.Dwarf;
using Hornet.Tracing.Symbols;

namespace Hornet.Script.Runtime;

/// <summary>Names of addresses of this machine. The tables are read when the first name is asked for.</summary>
/// <param name="programs">The script's programs, by the numbers that stacks and symbols have.</param>
/// <param name="debugFolders">Where else debugging information is looked for.</param>
/// <param name="demangle">Makes names readable that <see cref="Demangler"/> does not know (those of C++ and Rust it does); null leaves all as they are.</param>
internal sealed class LiveSymbols(IReadOnlyList<ScriptProgram> programs, IReadOnlyList<string> debugFolders, Func<string, string?>? demangle) : ISymbols, IDisposable
{
    private KernelSymbolizer? _kernel;
    private UserSymbolizer? _user;
    private Thread? _look;
    private volatile bool _ends;

    private UserSymbolizer Processes => _user ??= new UserSymbolizer(new UserSymbolizerOptions { DebugFolders = debugFolders, Demangle = demangle is not null });

    public void Kernel(ulong address, bool withDebugInfo, List<SymbolFrame> into)
    {
        _kernel ??= KernelSymbolizer.Load();
        if (_kernel.Find(address) is { } symbol) into.Add(new SymbolFrame(symbol.Name, symbol.Offset) { Module = symbol.Module });
    }

    public void User(ulong address, int process, int probe, bool withDebugInfo, List<SymbolFrame> into)
    {
        var symbol = Processes.Resolve(process, address);
        if (symbol.Name is not { } name)
        {
            if (ByProbe(address, probe) is { } probed) into.Add(new SymbolFrame(probed, 0));
            return;
        }
        SymbolFrame function = new(demangle?.Invoke(name) ?? name, symbol.Offset) { Module = symbol.Module };
        if (withDebugInfo)
        {
            foreach (var frame in Processes.FindSource(process, address))
            {
                if (frame.IsInlined) into.Add(Placed(new SymbolFrame(NameOf(frame), 0) { IsInlined = true }, frame));
                else function = Placed(function, frame);
            }
        }
        into.Add(function);
    }

    /// <summary>
    /// Sees processes from now on, so that those that end before they are printed have names: with a process, that one alone; else all that
    /// begin, and soon all that run already.
    /// </summary>
    public void Watch(int? process)
    {
        if (process is { } pid)
        {
            Processes.Remember(pid, readSymbols: true);
            return;
        }
        if (!Processes.Watch()) return;
        _look = new Thread(LookAtAll) { IsBackground = true, Name = "process look", Priority = ThreadPriority.BelowNormal };
        _look.Start();
    }

    public void Dispose()
    {
        _ends = true;
        _look?.Join();
        _user?.Dispose();
    }

    private void LookAtAll()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (_ends) return;
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) Processes.Remember(pid);
        }
    }

    // The process is gone. Where the probe itself is, it is the probe's function: files are mapped in whole pages.
    private string? ByProbe(ulong address, int probe)
    {
        if (probe < 0 || probe >= programs.Count || programs[probe].Targets is not [UprobeTarget target]) return null;
        return (address & PageOffset) == (target.FileOffset & PageOffset) ? target.FunctionName : null;
    }

    private const ulong PageOffset = 0xfff;

    private static SymbolFrame Placed(SymbolFrame symbol, SourceFrame frame) =>
        frame.Location is { Line: > 0, Path.Length: > 0 } place ? symbol with { File = place.Path, Line = place.Line } : symbol;

    private string NameOf(SourceFrame frame) => frame.LinkageName is not { } linkage ? frame.Function : demangle is null ? linkage : demangle(linkage) ?? Demangler.Demangle(linkage);
}
