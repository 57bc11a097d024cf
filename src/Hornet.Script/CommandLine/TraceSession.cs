using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Hornet.Script.Binding;
using Hornet.Script.Dialects;
using Hornet.Script.Output;
using Hornet.Script.Probes;
using Hornet.Script.Runtime;
using Hornet.Script.Runtime.Explaining;
using Hornet.Script.Source;
using Hornet.Script.Syntax;
using Hornet.Script.Syntax.Printing;
using OutputOptions = Hornet.Script.Output.OutputOptions;

namespace Hornet.Script.CommandLine;

/// <summary>One run of <c>hornet trace</c>, from its options to its end.</summary>
internal sealed class TraceSession : IDisposable
{
    // What a shell shows of a process that a broken pipe ends.
    private const int ReaderGone = 141;

    private readonly TraceOptions _options;
    private readonly string _program;
    private readonly bool _usesColors;
    private readonly List<int> _unwound = [];
    private TracedChild? _child;
    private ScriptBundle? _bundle;

    public TraceSession(TraceOptions options, string program)
    {
        (_options, _program) = (options, program);
        string? color = Environment.GetEnvironmentVariable("BPFTRACE_COLOR");
        _usesColors = color switch
        {
            "always" => true,
            "never" => false,
            _ => OutputSink.IsTerminal(1) && OutputSink.IsTerminal(2),
        };
        Log = new RunLog(static () => Console.Error, options.IsVerbose, options.Warnings > 0) { IsColored = _usesColors };
        if (color is not (null or "always" or "never" or "auto"))
            Log.Warning($"Invalid env value! The valid values of `BPFTRACE_COLOR` are [auto|always|never]. The current value is {color}!");
    }

    public RunLog Log { get; }

    public int Run()
    {
        if (_options.BundleFile is { } file) Unpack(file);
        var source = _options.Search is null ? Translated(ReadScript()) : null;
        if (_options.Mode == TraceMode.Format) return Format(source!);
        if (!TraceCommand.IsPrivileged(Log, _program)) return 1;
        int? process = _options.Pid is { } text ? ParsePid(text) : null;
        if (process is { } pid && !Directory.Exists($"/proc/{pid}")) throw new TraceFailure("Failed to attach to pid: Unable to open pidfd (No such process)");
        foreach (string extra in _options.DwarfPids) _unwound.Add(ParsePid(extra));
        if (_options.Command is { } command)
        {
            try
            {
                _child = TracedChild.Create(command, isSilent: _options.Mode is TraceMode.Test or TraceMode.Bench);
            }
            catch (BpfException e)
            {
                throw new TraceFailure($"Failed to fork child: {e.Message}");
            }
        }
        ScriptProbeOptions probes = new()
        {
            Positional = _options.Positional,
            Process = process ?? _child?.Id,
            IsUnsafe = _options.IsUnsafe,
            TraceableFunctions = _options.TraceableFunctions,
            WithoutFeatures = _options.WithoutFeatures,
            Adapts = _options.Adapts,
        };
        UserDebugInfo debug = new(_options.DebugFolders);
        probes = debug.AddTo(probes);
        if (_options.Search is { } search) return List(new ProbeListing(new KernelCatalog(_options.TraceableFunctions), probes with { Process = process }, _options.IsVerbose) { UserParameters = debug.Parameters, Warn = Log.Warning }.Search(search));
        ScriptOptions script = new()
        {
            Positional = _options.Positional,
            Named = Named(),
            Probes = probes with { Process = process },
            IsUnsafe = _options.IsUnsafe,
            HelperErrors = _options.Warnings == 2 ? 2 : _options.Warnings,
            Process = process,
            Child = _child?.Id,
            HasUnwoundProcess = process is not null || _child is not null || _unwound.Count > 0,
            AllowsSessions = _options.ProbeFilter is null,
            Bundle = _bundle,
            Pack = _options.AotFile is null ? null : new ScriptBundle(),
            IncludeFolders = _options.IncludeFolders,
            IncludeFiles = _options.IncludeFiles,
            KeepsStages = _options.IrFile is not null || _options.DebugStages.Overlaps(["codegen", "codegen-opt"]),
        };
        return Run(source!, script, debug);
    }

    public void Report(IEnumerable<ScriptDiagnostic> diagnostics)
    {
        string text = DiagnosticRenderer.Render(diagnostics, _usesColors, _options.Warnings > 0);
        Console.Error.Write(text);
    }

    public void Dispose() => _child?.Dispose();

    private int Run(SourceText source, ScriptOptions options, UserDebugInfo debug)
    {
        DiagnosticBag diagnostics = new();
        var syntax = ScriptCompiler.Parse(source, diagnostics);
        if (syntax is not null && _options.DebugStages.Overlaps(["ast", "parse"])) Console.Error.Write(SyntaxDump.Write(syntax, indented: true));
        if (syntax is not null && _options.IsListing) return ListScript(syntax, options, diagnostics);
        var bound = syntax is null ? null : ScriptCompiler.Bind(syntax, options, diagnostics);
        if (bound is null || diagnostics.HasErrors)
        {
            Report(WithTranslation(source, diagnostics.All));
            return 1;
        }
        if (_options.DebugStages.Contains("types")) Write(BoundPrinter.Print(bound));
        var script = ScriptCompiler.Lower(bound, options);
        Report(diagnostics.All);
        if (options.Pack is { } pack) return Save(pack, source, _options.AotFile!);
        if (ShowStages(script) is { } status) return status;
        return _options.Explains ? Explain(script) : Execute(script, debug);
    }

    private int Explain(CompiledScript script)
    {
        if (_options.Format is not (null or "" or "text" or "json")) throw new TraceFailure($"--explain has no output format \"{_options.Format}\"\nValid formats: 'text', 'json'");
        var explanation = ScriptExplainer.Explain(script);
        Write(_options.Format == "json" ? ExplanationJson.Write(explanation, RunningKernel.Release) : ExplanationText.Write(explanation, RunningKernel.Release));
        return explanation.RunsHere ? 0 : ScriptRun.Failed;
    }

    // A script of another language says so in a hundred ways; the first, and how it is written here, are enough.
    private static IReadOnlyList<ScriptDiagnostic> WithTranslation(SourceText source, IReadOnlyList<ScriptDiagnostic> diagnostics)
    {
        if (DialectTranslation.Guess(source.Text, DialectTranslation.ThisMachine) is not { } translation) return diagnostics;
        var first = diagnostics.First(d => d.Severity == ScriptSeverity.Error);
        first.Hints.Add($"this looks like {translation.Dialect}; --dialect {translation.Option} runs it. In this language it is:\n\n{translation.Script}");
        first.Hints.AddRange(translation.Notes);
        return [first];
    }

    private SourceText Translated(SourceText source)
    {
        if (_options.Dialect is not { } dialect) return source;
        if (DialectTranslation.Translate(dialect, source.Text, DialectTranslation.ThisMachine) is not { } translation)
            throw new TraceFailure($"{source.Name} has nothing of {dialect} that could be said in this language; docs/dialects.md shows what can");
        foreach (string note in translation.Notes) Log.Warning(note);
        return new SourceText(source.Name, translation.Script);
    }

    private int ListScript(ScriptSyntax syntax, ScriptOptions options, DiagnosticBag diagnostics)
    {
        ProbeResolver resolver = new(options.Probes);
        List<ProbeTarget> targets = [];
        foreach (var probe in syntax.Probes)
        {
            foreach (var point in probe.AttachPoints) targets.AddRange(resolver.Resolve(point, point.Text, diagnostics));
        }
        if (diagnostics.HasErrors)
        {
            Report(diagnostics.All);
            return 1;
        }
        return List(new ProbeListing(resolver.Kernel, options.Probes, _options.IsVerbose).Of(targets));
    }

    // What troubleshooting options ask for; null when the script runs as well.
    private int? ShowStages(CompiledScript script)
    {
        var stages = script.Compilation.Stages;
        if (_options.DebugStages.Contains("codegen") && stages.Count > 0) Write($"IR before optimization\n---------------------------\n\n{stages[0].Text}\n");
        if (_options.DebugStages.Contains("codegen-opt") && stages.Count > 0) Write($"\nIR after optimization\n----------------------------\n\n{stages[^1].Text}\n");
        if (_options.DebugStages.Contains("dis"))
        {
            foreach (var program in script.Compilation.Object.Programs) Write($"\n{program.Name}\n{string.Join('\n', program.Instructions.Select((i, n) => $"{n,5}: {i}"))}\n");
        }
        if (_options.IrFile is { } file)
        {
            File.WriteAllText(file + ".original.ir", stages.Count > 0 ? stages[0].Text : "");
            File.WriteAllText(file + ".optimized.ir", stages.Count > 0 ? stages[^1].Text : "");
        }
        if (_options.ElfFile is { } elf)
        {
            ScriptSections.Name(script);
            script.Compilation.Object.Save(elf);
            return 0;
        }
        return _options.Mode == TraceMode.Codegen ? 0 : null;
    }

    private static Regex Filter(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            throw new TraceFailure($"Invalid --probe-filter regex '{pattern}': {e.Message}", ScriptRun.Failed);
        }
    }

    private int Execute(CompiledScript script, UserDebugInfo debug)
    {
        if (RunningKernel.IsConfidential)
            throw new TraceFailure("Kernel lockdown is enabled and set to 'confidentiality'. Lockdown mode blocks parts of BPF which makes it impossible for bpftrace to function.");
        if (_options.Format is { } name && OutputKinds.Parse(name) is null) throw new TraceFailure($"Invalid output format \"{name}\"\nValid formats: 'text', 'json', 'csv'");
        var kind = OutputKinds.Parse(_options.Format is null or "" ? "text" : _options.Format)!.Value;
        var buffering = _options.Buffering switch { TraceBuffering.Full => BufferingMode.Full, TraceBuffering.None => BufferingMode.None, _ => BufferingMode.Line };
        using var sink = OpenOutput(buffering);
        using var errors = OutputSink.ToDescriptor(2, BufferingMode.Line);
        using LiveSymbols symbols = new(script.Programs, _options.DebugFolders, script.Config.DemangleCpp ? debug.Demangle : null);
        StackMaps stacks = new(script);
        bool isTerminal = _options.OutputFile is null && OutputSink.IsTerminal(1);
        ValueFormatter formatter = new(ValueContext.Of(script, symbols, stacks, isTerminal));
        OutputOptions looks = new() { ShowsWarnings = _options.Warnings > 0, UsesColors = _usesColors };
        var output = OutputKinds.Create(kind, sink, errors, formatter, looks);
        using OutputScriptSink shown = new(script, output, _options.IsUnsafe, (like, to, messages) => OutputKinds.Create(OutputKind.Text, to, messages, like.Formatter, looks));
        using ScriptRun run = new(script, new RunOptions
        {
            Mode = _options.Mode switch { TraceMode.Test => RunMode.Test, TraceMode.Bench => RunMode.Bench, _ => RunMode.Normal },
            Process = _options.Pid is { } text ? ParsePid(text) : null,
            Child = _child,
            UnwoundProcesses = _unwound,
            DebugFolders = _options.DebugFolders,
            IsQuiet = _options.IsQuiet,
            IsDryRun = _options.IsDryRun,
            ProbeFilter = _options.ProbeFilter is { } pattern ? Filter(pattern) : null,
            VerifierLog = _options.DebugStages.Contains("verifier") ? (program, words) => Write($"BPF verifier log for {program}:\n--------------------------------------\n\n{words}\n") : null,
        }, shown, Log);
        run.Loaded += loaded =>
        {
            shown.Use(loaded);
            stacks.Use(loaded);
            if (script.NamesUserAddresses) symbols.Watch(_options.Pid is { } pid ? ParsePid(pid) : null);
        };
        using var metrics = _options.Metrics is { } address ? Serve(address, page => run.Requests.Do(() => shown.WriteMetrics(page))) : null;
        int status;
        try
        {
            status = run.Run();
        }
        finally
        {
            // Who waits for the maps of a run that could not begin would wait for ever.
            run.Requests.End();
        }
        sink.Flush();
        if (sink.Failure is { } failure)
        {
            if (failure.IsBrokenPipe) return ReaderGone;
            throw new TraceFailure($"Cannot write {(_options.OutputFile is { } file ? $"'{file}'" : "output")}: {failure.Message}; {sink.Dropped} bytes of it are lost", ScriptRun.Failed);
        }
        if (_child?.Signal is { } signal) Log.Verbose($"Child terminated by signal: {signal}");
        if (_child?.ExitCode is { } code) Log.Verbose($"Child exited with code: {code}");
        return status;
    }

    private MetricsServer Serve(string address, Func<ByteWriter, bool> page)
    {
        try
        {
            MetricsServer server = new(address, page);
            if (!_options.IsQuiet) Console.Error.WriteLine($"Metrics at {server.Url}");
            return server;
        }
        catch (FormatException e)
        {
            throw new TraceFailure($"--metrics: {e.Message}");
        }
        catch (SocketException e)
        {
            string reason = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program listens there; choose another port, or :0 for a free one",
                SocketError.AddressNotAvailable => "that is no address of this machine",
                SocketError.AccessDenied => "this user may not listen there",
                _ => e.Message,
            };
            throw new TraceFailure($"--metrics: cannot listen at {address}: {reason}.");
        }
    }

    private OutputSink OpenOutput(BufferingMode buffering)
    {
        if (_options.OutputFile is not { Length: > 0 } path) return OutputSink.ToDescriptor(1, buffering);
        try
        {
            return OutputSink.ToFile(path, buffering);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceFailure($"Failed to open output file: \"{path}\": {Reason(e)}");
        }
    }

    private int Format(SourceText source)
    {
        DiagnosticBag diagnostics = new();
        if (ScriptFormatter.Format(source, diagnostics) is not { } text)
        {
            Report(diagnostics.All);
            return 1;
        }
        if (_options.OutputFile is not { Length: > 0 } path)
        {
            Write(text);
            return 0;
        }
        // Whole or not at all: a script is not lost when the disk is full.
        string temporary = $"{path}.{Environment.ProcessId}";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceFailure($"failed to open file '{path}': {Reason(e)}");
        }
    }

    // What is given now goes before what was given then.
    private void Unpack(string file)
    {
        try
        {
            _bundle = ScriptBundle.Open(file);
        }
        catch (FormatException e)
        {
            throw new TraceFailure(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceFailure($"failed to open file '{file}': {Reason(e)}");
        }
        _options.IsUnsafe |= _bundle.IsUnsafe;
        if (_options.Warnings == 1) _options.Warnings = _bundle.Warnings;
        if (_options.Positional.Count == 0) _options.Positional.AddRange(_bundle.Positional);
        _options.Named.InsertRange(0, _bundle.Named);
        _options.IncludeFolders.InsertRange(0, _bundle.IncludeFolders);
        _options.IncludeFiles.InsertRange(0, _bundle.IncludeFiles);
    }

    // It was compiled, so it is right; what it means on another kernel is found there.
    private int Save(ScriptBundle pack, SourceText source, string file)
    {
        (pack.Name, pack.Script, pack.IsUnsafe, pack.Warnings) = (source.Name, source.Text, _options.IsUnsafe, _options.Warnings);
        pack.Positional.AddRange(_options.Positional);
        pack.Named.AddRange(_options.Named);
        pack.IncludeFolders.AddRange(_options.IncludeFolders);
        pack.IncludeFiles.AddRange(_options.IncludeFiles);
        pack.Settings.AddRange(ScriptCompiler.Settings(_bundle).Select(s => $"{s.Key}={s.Value}"));
        try
        {
            pack.Save(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceFailure($"--aot: cannot write '{file}': {Reason(e)}");
        }
        return 0;
    }

    private SourceText ReadScript()
    {
        if (_bundle is { } bundle) return new SourceText(bundle.Name, bundle.Script);
        if (_options.FileName is not { } path) return new SourceText("stdin", _options.Script ?? "");
        if (path == "-")
        {
            using var input = Console.OpenStandardInput();
            using StreamReader reader = new(input);
            return new SourceText("stdin", reader.ReadToEnd());
        }
        try
        {
            return new SourceText(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceFailure($"failed to open file '{path}': {Reason(e)}");
        }
    }

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException => "Permission denied",
        _ => e.Message,
    };

    private Dictionary<string, string?> Named()
    {
        Dictionary<string, string?> named = new(StringComparer.Ordinal);
        foreach (string word in _options.Named)
        {
            int equals = word.IndexOf('=');
            named[equals < 0 ? word : word[..equals]] = equals < 0 ? null : word[(equals + 1)..];
        }
        return named;
    }

    private static int ParsePid(string text)
    {
        if (!AttachNumber.TryParse(text, out ulong value, out string error)) throw new TraceFailure($"Failed to parse pid: {error}");
        return value <= 0x400000 ? (int)value : throw new TraceFailure($"Pid out of range: {value.ToString(CultureInfo.InvariantCulture)}");
    }

    private static int List(IEnumerable<string> lines)
    {
        using var output = Console.OpenStandardOutput();
        using BufferedStream buffer = new(output, 1 << 16);
        byte[] bytes = new byte[4096];
        try
        {
            foreach (string line in lines)
            {
                if (Encoding.UTF8.GetMaxByteCount(line.Length) > bytes.Length) bytes = new byte[Encoding.UTF8.GetMaxByteCount(line.Length) * 2];
                buffer.Write(bytes, 0, Encoding.UTF8.GetBytes(line, bytes));
                buffer.WriteByte((byte)'\n');
            }
            buffer.Flush();
        }
        catch (IOException)
        {
            // The reader (head, a pager) has seen enough.
        }
        return 0;
    }

    private static void Write(string text)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
    }
}
