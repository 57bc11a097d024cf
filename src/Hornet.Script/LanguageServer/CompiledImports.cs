using Hornet.Script.Runtime;

namespace Hornet.Script.LanguageServer;

/// <summary>
/// What clang made of the programs in C that open scripts import. Clang takes longer than the pause between two keys: it runs beside, once for
/// each state of the files it reads, and until it is done there is what it made before.
/// </summary>
/// <param name="compile">Compiles a file; ends early when it is no longer wanted.</param>
/// <param name="finished">Is told when something was compiled, on a thread of its own.</param>
internal sealed class CompiledImports(Func<string, CancellationToken, ClangResult> compile, Action finished) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (ClangResult Result, IReadOnlyList<FileState> Files)> _compiled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();

    /// <summary>What was made of a file; null when clang is only just at it for the first time.</summary>
    public ClangResult? Find(string path)
    {
        lock (_gate)
        {
            bool isKnown = _compiled.TryGetValue(path, out var known);
            if ((!isKnown || known.Files.Any(f => !f.IsCurrent)) && !_running.ContainsKey(path) && !_end.IsCancellationRequested)
                _running[path] = Task.Run(() => Compile(path));
            return isKnown ? known.Result : null;
        }
    }

    /// <summary>Ends what is running and waits for it.</summary>
    public void Dispose()
    {
        Task[] running;
        lock (_gate)
        {
            _end.Cancel();
            running = [.. _running.Values];
        }
        Task.WaitAll(running);
        _end.Dispose();
    }

    private void Compile(string path)
    {
        // As it is now: who changes it while clang reads it has changed it since.
        var itself = FileState.Of(path);
        ClangResult result;
        try
        {
            result = compile(path, _end.Token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BpfException)
        {
            result = new ClangResult(null, e.Message);
        }
        lock (_gate)
        {
            _running.Remove(path);
            if (_end.IsCancellationRequested) return;
            _compiled[path] = (result, [itself, .. result.Read.Where(f => f != path).Select(FileState.Of)]);
        }
        finished();
    }

    // Length and time, as make looks at files; those of a folder change with what is in it.
    private readonly record struct FileState(string Path, DateTime Written, long Length)
    {
        public bool IsCurrent => this == Of(Path);

        public static FileState Of(string path) => new(path, File.GetLastWriteTimeUtc(path), new FileInfo(path) is { Exists: true } file ? file.Length : -1);
    }
}
