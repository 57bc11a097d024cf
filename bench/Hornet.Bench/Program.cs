using BenchmarkDotNet.Running;
using Hornet.Bench.Code;
using Hornet.Bench.SideBySide;

// bench/run                       the side-by-side table against libbpf
// bench/run micro --filter '*'    BenchmarkDotNet's own options follow
return args switch
{
    ["micro", .. var rest] => RunMicro(rest),
    ["code", .. var rest] => CodeComparison.Run(rest),
    ["compile", .. var rest] => CompileComparison.Run(rest),
    ["analyzers", .. var rest] => AnalyzerComparison.Run(rest),
    ["random", .. var rest] => RandomPrograms.Run(rest),
    _ => Comparison.Run(args),
};

static int RunMicro(string[] options)
{
    BenchmarkSwitcher.FromAssembly(typeof(Comparison).Assembly).Run(options);
    return 0;
}
