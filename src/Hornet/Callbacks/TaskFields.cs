using System.Runtime.InteropServices;
using Hornet.Btf;
using Hornet.Kernel;

namespace Hornet;

/// <summary>
/// Where the running kernel's <c>task_struct</c> has what every event tells. Read from there it costs a few loads; asked for
/// by helpers, each is a call, and two of them (names, users) do more than is needed.
/// </summary>
internal sealed class TaskFields
{
    // Programs have had the task since 5.11 (bpf_get_current_task_btf); its name is padded with zeros since 5.17 (commit 06c5088aeedd).
    private static readonly KernelVersion s_first = new(5, 17);

    private static readonly Lazy<TaskFields?> s_running = new(Find);

    private TaskFields(int thread, int process, int name, int credentials, int user, int group, int? status) =>
        (Thread, Process, Name, Credentials, User, Group, Status) = (thread, process, name, credentials, user, group, status);

    /// <summary>Those of the running kernel; null when it does not tell, or is older than 5.17.</summary>
    public static TaskFields? OfRunningKernel => s_running.Value;

    /// <summary><c>pid</c> and <c>tgid</c>, of 4 bytes each.</summary>
    public int Thread { get; }

    /// <inheritdoc cref="Thread"/>
    public int Process { get; }

    /// <summary><c>comm</c>, 16 bytes.</summary>
    public int Name { get; }

    /// <summary><c>cred</c>, a pointer, and in it <c>uid</c> and <c>gid</c>, of 4 bytes each.</summary>
    public int Credentials { get; }

    /// <inheritdoc cref="Credentials"/>
    public int User { get; }

    /// <inheritdoc cref="Credentials"/>
    public int Group { get; }

    /// <summary>Where 4 bytes with <see cref="CompatCall"/> are; null on processors without.</summary>
    public int? Status { get; }

    /// <summary><c>TS_COMPAT</c>: a 32-bit call is under way, as the kernel's own tracing asks.</summary>
    public const int CompatCall = 2;

    private static TaskFields? Find()
    {
        if (KernelVersion.Running < s_first || !KernelBtf.IsAvailable) return null;
        var types = KernelBtf.Vmlinux;
        bool hasStatus = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        int? thread = At("task_struct", "pid", 4), process = At("task_struct", "tgid", 4), name = At("task_struct", "comm", RecordLayout.ProcessNameSize),
            credentials = At("task_struct", "cred", 8), user = At("cred", "uid", 4), group = At("cred", "gid", 4),
            info = hasStatus ? At("task_struct", "thread_info") : 0, status = hasStatus ? At("thread_info", "status", 4) : 0;
        if (thread is null || process is null || name is null || credentials is null || user is null || group is null || info is null || status is null) return null;
        return new(thread.Value, process.Value, name.Value, credentials.Value, user.Value, group.Value, hasStatus ? info + status : null);

        int? At(string type, string field, int size = 0) =>
            types.TryFind(type, BtfKind.Struct, out var found) && found.TryFindField(field, out var member) && member.BitOffset % 8 == 0 && (size == 0 || member.Type.Resolve().ByteSize == size) ? (int)(member.BitOffset / 8) : null;
    }
}
