using System.Runtime.InteropServices;
using System.Text;
using Hornet.Script.CommandLine;

namespace Hornet.KernelTests.Script;

/// <summary>
/// Runs <c>hornet trace</c> within the test's process, with descriptors 1 and 2 in files meanwhile: a process of its own takes seconds to
/// start in a virtual machine. The test framework's own output keeps its descriptors, which it has copied before.
/// </summary>
internal static partial class ScriptRunner
{
    public static (string Output, string Errors, int Status) Run(params IReadOnlyList<string> arguments)
    {
        using Capture output = new(1), errors = new(2);
        var console = Console.Error;
        using var stream = Console.OpenStandardError();
        using StreamWriter writer = new(stream, new UTF8Encoding(false)) { AutoFlush = true };
        Console.SetError(writer);
        int status;
        try
        {
            status = TraceCommand.Run([.. arguments], "bpftrace");
        }
        finally
        {
            Console.SetError(console);
        }
        return (output.End(), errors.End(), status);
    }

    private sealed partial class Capture : IDisposable
    {
        private readonly int _number, _before, _file;
        private bool _ended;

        public Capture(int number)
        {
            _number = number;
            _before = Check(Duplicate(number));
            _file = Check(MemoryFile("captured", 0));
            Check(Replace(_file, number));
        }

        public string End()
        {
            Restore();
            long length = Seek(_file, 0, 2);
            byte[] bytes = new byte[length];
            for (int read = 0; read < length;)
            {
                nint got = ReadAt(_file, ref bytes[read], (nint)length - read, read);
                if (got <= 0) throw new IOException("What was captured cannot be read.");
                read += (int)got;
            }
            return Encoding.UTF8.GetString(bytes);
        }

        public void Dispose()
        {
            Restore();
            Close(_file);
            Close(_before);
        }

        private void Restore()
        {
            if (_ended) return;
            _ended = true;
            Check(Replace(_before, _number));
        }

        private static int Check(int result) => result >= 0 ? result : throw new IOException($"errno {Marshal.GetLastPInvokeError()}");

        [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
        private static partial int Duplicate(int descriptor);

        [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
        private static partial int Replace(int descriptor, int number);

        [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
        private static partial int MemoryFile(string name, uint flags);

        [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
        private static partial long Seek(int descriptor, long offset, int origin);

        [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
        private static partial nint ReadAt(int descriptor, ref byte buffer, nint count, long offset);

        [LibraryImport("libc", EntryPoint = "close")]
        private static partial int Close(int descriptor);
    }
}
