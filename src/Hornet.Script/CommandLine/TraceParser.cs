using Hornet.Script.Dialects;

namespace Hornet.Script.CommandLine;

/// <summary>
/// Reads the command line as GNU getopt does for bpftrace: short options together (<c>-lv</c>), values in the same word or the
/// next, long names shortened while they are clear, options anywhere before <c>--</c>. Written by hand, since building a general
/// parser takes longer than a short script runs.
/// </summary>
internal sealed class TraceParser(string[] arguments, string program)
{
    private static readonly (string Name, bool HasValue)[] s_long =
    [
        ("adapt", false), ("aot", true), ("bench", false), ("bundle", true), ("btf", false), ("cmd", true), ("debug", true), ("debuginfo", true), ("dialect", true), ("dry-run", false), ("dwarf-pid", true),
        ("emit-elf", true), ("emit-llvm", true), ("explain", false), ("fmt", false), ("help", false), ("include", true), ("info", false), ("list", false),
        ("metrics", true), ("mode", true), ("no-feature", true), ("no-warnings", false), ("output", true), ("pid", true), ("probe-filter", true), ("quiet", false),
        ("test", false), ("traceable-functions", true), ("unsafe", false), ("usdt-file-activation", false), ("verbose", false),
        ("verify-llvm-ir", false), ("version", false), ("warnings", false),
    ];

    private static readonly string[] s_stages = ["ast", "types", "codegen", "codegen-opt", "libbpf", "verifier", "parse", "dis"];

    private readonly TraceOptions _options = new();
    private readonly List<string> _words = [];
    private bool _ends;

    /// <exception cref="TraceUsageException">An option is unknown, has no value, or contradicts another.</exception>
    public TraceOptions Parse()
    {
        if (arguments.Length == 0) throw new TraceUsageException("", showsUsage: true);
        for (int i = 0; i < arguments.Length && !_ends; i++)
        {
            string word = arguments[i];
            if (word == "--")
            {
                _words.AddRange(arguments[(i + 1)..]);
                break;
            }
            if (word.StartsWith("--", StringComparison.Ordinal)) Long(word[2..], ref i);
            else if (word.Length > 1 && word[0] == '-') Short(word, ref i);
            else _words.Add(word);
        }
        if (!_ends) Rest();
        return _options;
    }

    private void Long(string word, ref int index)
    {
        int equals = word.IndexOf('=');
        string name = equals < 0 ? word : word[..equals];
        var matching = s_long.Where(o => o.Name == name).ToArray();
        if (matching.Length == 0) matching = [.. s_long.Where(o => o.Name.StartsWith(name, StringComparison.Ordinal))];
        if (matching.Length == 0) throw Mistake($"{program}: unrecognized option '--{name}'");
        if (matching.Length > 1)
            throw Mistake($"{program}: option '--{name}' is ambiguous; possibilities: {string.Join(' ', matching.Select(o => $"'--{o.Name}'"))}");
        var (found, hasValue) = matching[0];
        if (!hasValue && equals >= 0) throw Mistake($"{program}: option '--{found}' doesn't allow an argument");
        string value = "";
        if (hasValue)
        {
            if (equals >= 0) value = word[(equals + 1)..];
            else if (index + 1 < arguments.Length) value = arguments[++index];
            else throw Mistake($"{program}: option '--{found}' requires an argument");
        }
        Set(found, value);
    }

    private void Short(string word, ref int index)
    {
        for (int i = 1; i < word.Length && !_ends; i++)
        {
            char letter = word[i];
            string? name = letter switch
            {
                'd' => "debug",
                'b' => "btf",
                'B' => "-B",
                'f' => "-f",
                'e' => "-e",
                'h' => "help",
                'l' => "list",
                'p' => "pid",
                'v' => "verbose",
                'q' => "quiet",
                'c' => "cmd",
                'V' => "version",
                'o' => "output",
                'I' => "-I",
                'k' => "warnings",
                _ => null,
            };
            if (name is null) throw Mistake($"{program}: invalid option -- '{letter}'");
            if (letter is not ('d' or 'B' or 'f' or 'e' or 'p' or 'c' or 'o' or 'I'))
            {
                Set(name, "");
                continue;
            }
            string value;
            if (i + 1 < word.Length) value = word[(i + 1)..];
            else if (index + 1 < arguments.Length) value = arguments[++index];
            else throw Mistake($"{program}: option requires an argument -- '{letter}'");
            Set(name, value);
            return;
        }
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "-e": _options.Script = value; break;
            case "-f": _options.Format = value; break;
            case "-I": _options.IncludeFolders.Add(value); break;
            case "-B":
                _options.Buffering = value switch
                {
                    "line" => TraceBuffering.Line,
                    "full" => TraceBuffering.Full,
                    "none" => TraceBuffering.None,
                    _ => throw Usage("-B must be either 'line', 'full', or 'none'."),
                };
                break;
            case "adapt": _options.Adapts = true; break;
            case "aot": _options.AotFile = value; break;
            case "bundle": _options.BundleFile = value; break;
            case "dialect":
                _options.Dialect = DialectTranslation.Names.Contains(value) ? value : throw Usage("--dialect can only be 'dtrace' or 'ply'.");
                break;
            case "explain": _options.Explains = true; break;
            case "bench": SetMode(TraceMode.Bench, "--bench"); break;
            case "test": SetMode(TraceMode.Test, "--test"); break;
            case "fmt": SetMode(TraceMode.Format, "--fmt"); break;
            case "metrics": _options.Metrics = value; break;
            case "mode":
                _options.Mode = value switch
                {
                    "codegen" => TraceMode.Codegen,
                    "compiler-bench" => TraceMode.CompilerBench,
                    "bench" => TraceMode.Bench,
                    "test" => TraceMode.Test,
                    "format" => TraceMode.Format,
                    _ => throw Usage("--mode can only be 'codegen', 'compiler-bench', 'bench', 'test' or 'format'."),
                };
                break;
            case "btf" or "verify-llvm-ir" or "usdt-file-activation":
                // BTF is always used, our IR is always verified, and semaphores are always raised in the file.
                break;
            case "cmd": _options.Command = value; break;
            case "debug":
                foreach (string stage in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (stage == "all") _options.DebugStages.UnionWith(s_stages);
                    else if (s_stages.Contains(stage)) _options.DebugStages.Add(stage);
                    else throw Usage($"invalid option for -d: {stage}");
                }
                break;
            case "debuginfo": _options.DebugFolders.AddRange(value.Split(':', StringSplitOptions.RemoveEmptyEntries)); break;
            case "dry-run": _options.IsDryRun = true; break;
            case "dwarf-pid": _options.DwarfPids.Add(value); break;
            case "emit-elf": _options.ElfFile = value; break;
            case "emit-llvm": _options.IrFile = value; break;
            case "help": (_options.ShowsHelp, _ends) = (true, true); break;
            case "include": _options.IncludeFiles.Add(value); break;
            case "info": (_options.ShowsInfo, _ends) = (true, true); break;
            case "list": _options.IsListing = true; break;
            case "no-feature":
                foreach (string feature in value.Split(','))
                {
                    if (feature is not ("kprobe_multi" or "kprobe_session" or "uprobe_multi")) throw Usage("--no-feature can only have values 'kprobe_multi,kprobe_session,uprobe_multi'.");
                    _options.WithoutFeatures.Add(feature);
                }
                break;
            case "no-warnings":
                if (_options.Warnings == 2) throw Usage("-k, --warnings conflicts with --no-warnings");
                _options.Warnings = 0;
                break;
            case "warnings":
                if (_options.Warnings == 2) throw Usage("-kk has been deprecated. Use a single -k for runtime warnings for errors in map lookups and probe reads.");
                if (_options.Warnings == 0) throw Usage("-k, --warnings conflicts with --no-warnings");
                _options.Warnings = 2;
                break;
            case "output": _options.OutputFile = value; break;
            case "pid": _options.Pid = value; break;
            case "probe-filter": _options.ProbeFilter = value; break;
            case "quiet": _options.IsQuiet = true; break;
            case "traceable-functions": _options.TraceableFunctions = value; break;
            case "unsafe": _options.IsUnsafe = true; break;
            case "verbose": _options.IsVerbose = true; break;
            case "version": (_options.ShowsVersion, _ends) = (true, true); break;
        }
    }

    private void SetMode(TraceMode mode, string option)
    {
        if (_options.Mode != TraceMode.None) throw Usage($"{option} conflicts with existing --mode");
        _options.Mode = mode;
    }

    private void Rest()
    {
        if (_options.Command is not null && _options.Pid is not null) throw new TraceUsageException("ERROR: USAGE: Cannot use both -c and -p.", showsUsage: true);
        if (_options.IsListing)
        {
            if (_words.Count > 1) throw new TraceUsageException("", showsUsage: true);
            if (_words.Count == 0)
            {
                // With -e the script's own probes.
                if (_options.Script is null) _options.Search = "*:*";
            }
            else if (Path.Exists(_words[0]))
            {
                _options.FileName = _words[0];
            }
            else
            {
                _options.Search = _words[0] == "*" ? "*:*" : _words[0];
            }
            return;
        }
        int next = 0;
        if (_options is { BundleFile: null, Script: null or "" })
        {
            if (_words.Count == 0) throw Usage("filename or -e 'program' required.");
            _options.FileName = _words[next++];
        }
        for (; next < _words.Count; next++)
        {
            if (_words[next].StartsWith("--", StringComparison.Ordinal)) _options.Named.Add(_words[next][2..]);
            else _options.Positional.Add(_words[next]);
        }
    }

    private static TraceUsageException Usage(string message) => new("ERROR: USAGE: " + message, showsUsage: false);

    private static TraceUsageException Mistake(string message) => new(message, showsUsage: true);
}
