using System.Runtime.InteropServices;
using System.Text;

namespace Hornet.Script.Runtime;

/// <summary>
/// The program of option -c. Its process exists before anything is attached, since probes are attached to it by its id, and
/// becomes the program when <see cref="Start"/> lets it: a shell that waits for a byte, then replaces itself.
/// </summary>
internal sealed unsafe class TracedChild : IDisposable
{
    // The shell's redirections name descriptors of one digit only.
    private const int WaitDescriptor = 9;

    private int _startDescriptor;
    private bool _isTraced;
    private int? _status;

    private TracedChild(int id, int startDescriptor) => (Id, _startDescriptor) = (id, startDescriptor);

    /// <summary>The process id, the same before and after the program starts.</summary>
    public int Id { get; }

    /// <summary>What the program returned; null while it runs and when a signal ended it.</summary>
    public int? ExitCode => _status is { } status && (status & 0x7f) == 0 ? status >> 8 & 0xff : null;

    /// <summary>The signal that ended it; null when none did.</summary>
    public int? Signal => _status is { } status && (status & 0x7f) is not 0 and var signal ? signal : null;

    /// <summary>Makes the process. The command is split at blanks, without a shell's rules, as bpftrace does.</summary>
    /// <exception cref="BpfException">There is no such program, or no process can be made.</exception>
    public static TracedChild Create(string command, bool isSilent = false)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) throw new BpfException("The command is empty.");
        if (Find(words[0]) is null) throw new BpfException($"Path '{words[0]}' does not exist or is not executable (No such file or directory)");
        int* ends = stackalloc int[2];
        if (NativeProcess.Pipe(ends, NativeProcess.CloseOnExec) != 0) throw new BpfException("Unable to create command pipe");
        // glibc's type has 80 bytes, musl's the same.
        byte* actions = stackalloc byte[256];
        _ = NativeProcess.ActionsInit(actions);
        string silence = isSilent ? " </dev/null >/dev/null 2>&1" : "";
        string[] arguments = ["sh", "-c", $"read _ <&{WaitDescriptor}; exec \"$@\" {WaitDescriptor}<&-{silence}", "sh", .. words];
        byte** list = Strings(arguments), environment = Strings(Environment());
        try
        {
            _ = NativeProcess.ActionsDuplicate(actions, ends[0], WaitDescriptor);
            int error = NativeProcess.Spawn(out int id, "/bin/sh", actions, null, list, environment);
            if (error != 0)
            {
                _ = NativeProcess.Close(ends[1]);
                throw new BpfException($"Unable to fork child process: {Marshal.GetPInvokeErrorMessage(error)}");
            }
            return new TracedChild(id, ends[1]);
        }
        finally
        {
            _ = NativeProcess.Close(ends[0]);
            _ = NativeProcess.ActionsDestroy(actions);
            Free(list);
            Free(environment);
        }
    }

    /// <summary>Lets the program begin.</summary>
    public void Start()
    {
        if (_isTraced)
        {
            // It stands behind its exec; away it goes.
            _ = NativeProcess.Ptrace(NativeProcess.PtraceDetach, Id, 0, 0);
            _isTraced = false;
            return;
        }
        Go();
    }

    /// <summary>
    /// Goes on until the program is loaded, before its first instruction: then what it maps can be looked up by its process.
    /// Where tracing processes is not allowed it stays the shell.
    /// </summary>
    public void StopAtBeginning()
    {
        if (NativeProcess.Ptrace(NativeProcess.PtraceSeize, Id, 0, NativeProcess.PtraceListExec) != 0) return;
        _isTraced = true;
        Go();
        while (NativeProcess.WaitPid(Id, out int status, 0) == Id)
        {
            const int Stopped = 0x7f, Trap = 5, ExecEvent = 4;
            if ((status & 0x7f) != Stopped)
            {
                (_status, _isTraced) = (status, false);
                return;
            }
            if (status >> 8 == (Trap | ExecEvent << 8)) return;
            // Any other stop is a signal, which it gets.
            _ = NativeProcess.Ptrace(NativeProcess.PtraceContinue, Id, 0, status >> 8 & 0xff);
        }
    }

    /// <summary>
    /// Goes on until the program's first instruction, when its libraries are mapped. Where tracing processes is not allowed, and for a
    /// program without its own beginning, it stays where it is.
    /// </summary>
    public void RunToEntry()
    {
        if (!_isTraced) StopAtBeginning();
        if (!_isTraced || EntryAddress() is not { } entry) return;
        const byte breakpoint = 0xcc;
        byte[] original = new byte[1];
        using var memory = File.OpenHandle($"/proc/{Id}/mem", FileMode.Open, FileAccess.ReadWrite);
        if (RandomAccess.Read(memory, original, (long)entry) != 1) return;
        RandomAccess.Write(memory, [breakpoint], (long)entry);
        nint signal = 0;
        while (NativeProcess.Ptrace(NativeProcess.PtraceContinue, Id, 0, signal) == 0 && NativeProcess.WaitPid(Id, out int status, 0) == Id)
        {
            const int stopped = 0x7f, trap = 5;
            if ((status & 0x7f) != stopped)
            {
                (_status, _isTraced) = (status, false);
                return;
            }
            // What is no signal (another exec) has an event above it.
            signal = status >> 16 != 0 ? 0 : status >> 8 & 0xff;
            if (status >> 8 != trap) continue;
            // Behind the breakpoint: back to the instruction it stood for.
            const int instructionPointer = 16 * sizeof(ulong);
            if ((ulong)NativeProcess.Ptrace(NativeProcess.PtracePeekUser, Id, instructionPointer, 0) != entry + 1) continue;
            RandomAccess.Write(memory, original, (long)entry);
            _ = NativeProcess.Ptrace(NativeProcess.PtracePokeUser, Id, instructionPointer, (nint)entry);
            return;
        }
    }

    // AT_ENTRY of the auxiliary vector.
    private ulong? EntryAddress()
    {
        const ulong atEntry = 9;
        try
        {
            var vector = MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes($"/proc/{Id}/auxv"));
            for (int i = 0; i + 1 < vector.Length; i += 2)
            {
                if (vector[i] == atEntry) return vector[i + 1];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }
        return null;
    }

    /// <summary>Whether it still runs. Asks the kernel once it has ended.</summary>
    public bool IsRunning
    {
        get
        {
            if (_status is null && NativeProcess.WaitPid(Id, out int status, NativeProcess.NoHang) == Id) _status = status;
            return _status is null;
        }
    }

    /// <summary>Ends it when it has not ended.</summary>
    public void Dispose()
    {
        if (_startDescriptor >= 0) _ = NativeProcess.Close(_startDescriptor);
        _startDescriptor = -1;
        if (!IsRunning) return;
        if (_isTraced) _ = NativeProcess.Ptrace(NativeProcess.PtraceDetach, Id, 0, NativeProcess.SigTerm);
        _ = NativeProcess.Kill(Id, NativeProcess.SigTerm);
        int descriptor = NativeProcess.OpenPidFd(Id);
        bool ended = descriptor >= 0 && NativeProcess.Poll(descriptor, 2000);
        if (descriptor >= 0) _ = NativeProcess.Close(descriptor);
        if (!ended) _ = NativeProcess.Kill(Id, NativeProcess.SigKill);
        if (NativeProcess.WaitPid(Id, out int status, 0) == Id) _status = status;
    }

    private void Go()
    {
        byte newline = (byte)'\n';
        _ = NativeProcess.Write(_startDescriptor, &newline, 1);
        _ = NativeProcess.Close(_startDescriptor);
        _startDescriptor = -1;
    }

    private static string? Find(string name)
    {
        if (name.Contains('/')) return IsExecutable(name) ? name : null;
        string folders = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        return folders.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(f => $"{f}/{name}").FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string[] Environment()
    {
        List<string> all = [];
        var variables = System.Environment.GetEnvironmentVariables().GetEnumerator();
        while (variables.MoveNext()) all.Add($"{variables.Key}={variables.Value}");
        return [.. all];
    }

    private static byte** Strings(string[] texts)
    {
        byte** list = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++)
        {
            int length = Encoding.UTF8.GetByteCount(texts[i]);
            list[i] = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
            Encoding.UTF8.GetBytes(texts[i], new Span<byte>(list[i], length));
        }
        return list;
    }

    private static void Free(byte** list)
    {
        for (byte** at = list; *at != null; at++) NativeMemory.Free(*at);
        NativeMemory.Free(list);
    }
}
