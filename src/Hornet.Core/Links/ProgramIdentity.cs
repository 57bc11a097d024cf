using Hornet.Interop;

namespace Hornet.Links;

/// <summary>
/// Which program it is, beyond the id: ids start again after a reboot and wrap around, so whoever removes something on
/// behalf of a dead process compares the tag (a hash of the instructions) and the time of loading too.
/// </summary>
internal readonly record struct ProgramIdentity(uint Id, string Tag, ulong LoadTime)
{
    public static unsafe ProgramIdentity Of(FileDescriptor program)
    {
        ProgramInfoRaw info = default;
        if (!Bpf.TryGetInfo(program, ref info)) throw new BpfSyscallException("ask for a program's id", Libc.LastError);
        return new ProgramIdentity(info.Id, Convert.ToHexStringLower(new ReadOnlySpan<byte>(info.Tag, 8)), info.LoadTime);
    }

    /// <summary>Opens the program of an id; null when there is none, or it may not be opened.</summary>
    public static FileDescriptor? Open(uint id)
    {
        if (id == 0) return null;
        IdAttr attr = new() { ProgId = id };
        return Bpf.TryOpen(BpfCommand.ProgramGetFdById, ref attr, $"program id {id}");
    }

    /// <summary>Opens the very program, or returns null when it is gone and its id perhaps another's.</summary>
    public FileDescriptor? Open()
    {
        var descriptor = Open(Id);
        if (descriptor is null) return null;
        if (Of(descriptor) == this) return descriptor;
        descriptor.Dispose();
        return null;
    }

    /// <summary>A phrase for messages: <c>program 12 'drop_all'</c>.</summary>
    public static unsafe string Describe(uint id)
    {
        using var descriptor = Open(id);
        ProgramInfoRaw info = default;
        return descriptor is not null && Bpf.TryGetInfo(descriptor, ref info)
            ? $"program {id} '{Bpf.ReadName(info.Name)}'"
            : $"program {id}";
    }
}
