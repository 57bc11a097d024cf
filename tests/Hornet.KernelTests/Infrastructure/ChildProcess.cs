using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Hornet.KernelTests;

/// <summary>
/// A process started by a test, to be killed, signalled or watched: a program, or a method of this assembly run in a
/// fresh copy of the test executable. Disposing kills it if it still runs.
/// </summary>
public sealed partial class ChildProcess : IDisposable
{
    private const string Variable = "HORNET_TEST_CHILD";
    private readonly Process _process;
    private readonly Task<string> _error;

    private ChildProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a program.</summary>
    public static ChildProcess Start(string file, params IEnumerable<string> arguments) => new(new ProcessStartInfo(file, arguments));

    /// <summary>
    /// Starts a copy of the test executable that runs <paramref name="main"/> (a static method, no lambda with captures)
    /// and exits with its result. What it writes to the console can be read with <see cref="ReadLine"/>.
    /// </summary>
    public static ChildProcess Start(Func<string[], int> main, params string[] arguments)
    {
        MethodInfo method = main.Method;
        if (!method.IsStatic) throw new ArgumentException("A child's main must be a static method.", nameof(main));
        ProcessStartInfo start = new(Environment.ProcessPath!, arguments);
        start.Environment[Variable] = $"{method.DeclaringType!.AssemblyQualifiedName}|{method.Name}";
        return new ChildProcess(start);
    }

    /// <summary>As the other <c>Start</c>, through a program that changes what the copy may do: <c>setpriv</c>, <c>unshare</c>.</summary>
    public static ChildProcess StartUnder(string wrapper, IEnumerable<string> wrapperArguments, Func<string[], int> main, params string[] arguments)
    {
        ProcessStartInfo start = new(wrapper, [.. wrapperArguments, Environment.ProcessPath!, .. arguments]);
        start.Environment[Variable] = $"{main.Method.DeclaringType!.AssemblyQualifiedName}|{main.Method.Name}";
        return new ChildProcess(start);
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Its standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>What it wrote to standard error; complete when it has exited.</summary>
    public string Error => _error.Result;

    /// <summary>The next line of its output; null at the end. Throws when none comes in time.</summary>
    public string? ReadLine(double seconds = 30)
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (line.Wait(TimeSpan.FromSeconds(seconds * TimeScale))) return line.Result;
        throw new TimeoutException($"the child wrote nothing for {seconds * TimeScale} s");
    }

    /// <summary>The rest of its output, until it closes it.</summary>
    public string ReadToEnd() => _process.StandardOutput.ReadToEnd();

    /// <summary>Reads lines until one contains the text; throws at the end of the output.</summary>
    public string WaitForLine(string text, double seconds = 30)
    {
        List<string> seen = [];
        while (ReadLine(seconds) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return line;
            seen.Add(line);
        }
        throw new EndOfStreamException($"the child ended without writing '{text}'; it wrote:\n{string.Join('\n', seen)}\n{Error}");
    }

    /// <summary>Sends a signal: 2 interrupts, 9 kills, 15 asks to end, 19 stops, 18 continues.</summary>
    public void Signal(int number)
    {
        if (Kill(_process.Id, number) != 0) throw new InvalidOperationException($"kill({_process.Id}, {number}) failed: {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Kills it at once and waits until it is gone.</summary>
    public void KillHard()
    {
        Signal(9);
        Wait(10);
    }

    /// <summary>Closes our end of its output, so that its next write fails.</summary>
    public void CloseOutput() => _process.StandardOutput.Close();

    /// <summary>Waits for its end and returns the exit code; 128 + signal when a signal ended it.</summary>
    public int Wait(double seconds = 30)
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds * TimeScale))) throw new TimeoutException($"the child still runs after {seconds * TimeScale} s");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    /// <summary>Everything takes longer in a machine that is emulated instruction by instruction.</summary>
    internal static double TimeScale => TestMachine.IsVirtualMachine ? 8 : 1;

    /// <summary>What this process is to run instead of the tests; null when it is no child.</summary>
    internal static Func<string[], int>? ChildMain
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } what) return null;
            // The child's own children are ordinary again.
            Environment.SetEnvironmentVariable(Variable, null);
            string[] parts = what.Split('|');
            return Type.GetType(parts[0], throwOnError: true)!
                .GetMethod(parts[1], BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
                .CreateDelegate<Func<string[], int>>();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
