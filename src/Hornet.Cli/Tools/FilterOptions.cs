using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Hornet.Cli.Common;

namespace Hornet.Cli.Tools;

/// <summary>Whose events a tool looks at. Decided in the kernel: what is not asked for costs almost nothing.</summary>
/// <param name="ProcessId">Only this process (all its threads).</param>
/// <param name="ThreadId">Only this thread.</param>
/// <param name="UserId">Only this user.</param>
/// <param name="Comm">Only threads of this name: 16 bytes, zero-padded; null for all.</param>
/// <param name="CgroupId">Only this cgroup (version 2), not its descendants.</param>
internal sealed record Filter(uint? ProcessId, uint? ThreadId, uint? UserId, byte[]? Comm, ulong? CgroupId);

/// <summary>The options <c>--pid --tid --comm --uid --cgroup</c>, the same for every tool.</summary>
internal sealed partial class FilterOptions
{
    private readonly Option<uint?> _pid = new("--pid", "-p") { Description = "Only this process", HelpName = "PID" };
    private readonly Option<uint?> _tid = new("--tid", "-t") { Description = "Only this thread", HelpName = "TID" };
    private readonly Option<string?> _comm = new("--comm", "-n") { Description = "Only threads of this name (the first 15 bytes count)", HelpName = "NAME" };
    private readonly Option<string?> _uid = new("--uid", "-u") { Description = "Only this user: a number or a name", HelpName = "USER" };
    private readonly Option<string?> _cgroup = new("--cgroup") { Description = "Only this cgroup (v2): its path", HelpName = "PATH" };

    public FilterOptions(Command command)
    {
        command.Options.Add(_pid);
        command.Options.Add(_tid);
        command.Options.Add(_comm);
        command.Options.Add(_uid);
        command.Options.Add(_cgroup);
    }

    public Filter Read(ParseResult parsed)
    {
        uint? pid = parsed.GetValue(_pid);
        if (pid is { } p && !Directory.Exists($"/proc/{p}")) throw new UserException($"there is no process {p}.");
        uint? tid = parsed.GetValue(_tid);
        if (tid is { } t && !Directory.Exists($"/proc/{t}")) throw new UserException($"there is no thread {t}.");
        return new Filter(pid, tid, User(parsed.GetValue(_uid)), Comm(parsed.GetValue(_comm)), Cgroup(parsed.GetValue(_cgroup)));
    }

    private static byte[]? Comm(string? name)
    {
        if (name is null) return null;
        if (name.Length == 0) throw new UserException("--comm wants a name.");
        byte[] fixedName = new byte[16];
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        bytes.AsSpan(0, Math.Min(15, bytes.Length)).CopyTo(fixedName);
        return fixedName;
    }

    private static uint? User(string? user)
    {
        if (user is null) return null;
        if (uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out uint id)) return id;
        foreach (string line in File.ReadLines("/etc/passwd"))
        {
            string[] fields = line.Split(':');
            if (fields.Length > 2 && fields[0] == user && uint.TryParse(fields[2], out id)) return id;
        }
        throw new UserException($"there is no user '{user}' in /etc/passwd. Give the number.");
    }

    // The id that bpf_get_current_cgroup_id returns is the first eight bytes of the folder's file handle, which on
    // 64-bit kernels is its inode number.
    private static ulong? Cgroup(string? path)
    {
        if (path is null) return null;
        if (!Directory.Exists(path)) throw new UserException($"there is no cgroup folder '{path}'.");
        if (!File.Exists(Path.Combine(path, "cgroup.procs")) || !File.Exists(Path.Combine(path, "cgroup.controllers")))
            throw new UserException($"'{path}' is not a folder of a cgroup version 2 file system.");
        return Inode(path);
    }

    private static unsafe ulong Inode(string path)
    {
        // struct statx: stx_ino is the 8 bytes at offset 32 on every architecture.
        byte* buffer = stackalloc byte[256];
        const uint StatxInode = 0x100;
        if (Statx(-100, path, 0, StatxInode, buffer) != 0) throw new UserException($"cannot read '{path}'.");
        return *(ulong*)(buffer + 32);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
